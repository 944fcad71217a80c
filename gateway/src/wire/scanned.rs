//! What is read of every request before anybody is called, whatever its dialect: who shall answer, how, and how large question
//! and answer are. Made by the scanners of the dialects; routing, holds and estimates live on it.

use bytes::Bytes;
use domain::{
    catalog::{ProviderKind, Quirks},
    price::ImageKind,
};

use super::{anthropic, canonical, openai, refused::Refused, responses};

/// What was read from a request, with the places that may be edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Scanned {
    /// The model as asked for.
    pub model: String,
    /// The answer is to be streamed.
    pub stream: bool,
    /// The client itself asked for usage in its stream.
    pub include_usage: bool,
    /// It asks for a chat's answer.
    pub chat: bool,
    /// Bytes of text in the prompt, for an estimate.
    pub prompt_bytes: u64,
    /// Tokens of the prompt that are sent as numbers.
    pub token_numbers: u64,
    /// What stands in the prompt beside text.
    pub files: Files,
    /// Bytes of the whole request that are not embedded images: no tokenizer makes more tokens of it.
    pub bytes: u64,
    /// Tools are named: providers add words of their own about them.
    pub tools: bool,
    /// The answer tokens that the client allows, when it says so: of each choice. Of two limits the larger one.
    pub output_limit: Option<u64>,
    /// Fewer tokens of an answer its provider refuses, by what else the request says. Zero: any number does.
    pub least_output: u64,
    /// How many answers it wants: `n`.
    pub choices: u64,
    /// The pictures that are asked for, where it asks for pictures: of which size and quality.
    pub picture: Option<ImageKind>,
    /// The answer may be spoken.
    pub audio: bool,
    /// Bytes of a text that the answer is expected to be like (`prediction`): what of it comes to nothing is counted as
    /// answer, beyond the limit.
    pub predicted: u64,
    /// A member that limits the answer, or multiplies it, and that the hub cannot read.
    pub unlimited: Option<&'static str>,
    /// A member that asks for something no price knows of.
    pub unpriced: Option<&'static str>,
    /// A member of a request for pictures of which nobody here knows what it does to the price.
    pub foreign: Option<String>,
    /// It goes on with a conversation that the provider keeps, whose length nobody here knows.
    pub continues: bool,
    /// How many tokens that conversation has, when it was counted. Found by `call`.
    pub before: Option<u64>,
    /// What its answer repeats, where it is written anew in a dialect that does so.
    pub(crate) asked: responses::echo::Repeated,
    /// Where it is edited, or what it says.
    pub(super) places: Places,
}

/// What a request is sent on from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Places {
    /// OpenAI's chat and embeddings: edited between bytes that stay as they are.
    Openai(openai::request::Places),
    /// Anthropic's messages.
    Messages(Box<anthropic::scan::Scanned>),
    /// OpenAI's responses.
    Responses(responses::scan::Places),
    /// It is written anew for its provider.
    Read(Box<canonical::Request>),
}

impl Scanned {
    /// The answer that it goes on with, where its bytes pass.
    pub fn previous(&self) -> Option<&str> {
        match &self.places {
            Places::Responses(places) => places.previous.as_deref(),
            Places::Openai(_) | Places::Messages(_) | Places::Read(_) => None,
        }
    }

    /// The provider keeps the answer, where bytes pass.
    pub fn is_kept(&self) -> bool {
        matches!(&self.places, Places::Responses(places) if places.stored)
    }

    /// What this model refuses of it, where bytes pass.
    pub(super) fn refused(&self, kind: ProviderKind, slug: &str, quirks: &Quirks) -> Refused {
        match &self.places {
            Places::Openai(places) if self.chat || self.picture.is_some() => places.refused(kind, slug, quirks),
            Places::Responses(places) => places.refused(kind, slug, quirks),
            Places::Messages(places) => places.refused(slug),
            Places::Openai(_) | Places::Read(_) => Refused::NOTHING,
        }
    }

    /// Credit or limits count what it uses: what its provider would bill apart is not asked for.
    pub fn counts(&mut self) {
        if let Places::Responses(places) = &mut self.places {
            places.counted = true;
        }
    }

    /// What a provider that speaks the client's dialect is not told: what its model or itself refuses, and where credit counts what
    /// has no price.
    pub(super) fn left_out(&self, body: &[u8], quirks: &Quirks, refused: Refused) -> Vec<canonical::Dropped> {
        match &self.places {
            Places::Openai(places) => {
                let mut left = places.left_out(refused);
                let forbidden = places.forbidden(body, quirks).filter(|one| !left.contains(one));
                let forbidden: Vec<_> = forbidden.collect();
                left.extend(forbidden);
                left
            }
            Places::Responses(places) => places.left_out(refused),
            Places::Messages(places) => places.left_out(refused),
            Places::Read(_) => Vec::new(),
        }
    }

    /// The client asks for JSON, as far as that was read.
    pub fn wants_json(&self) -> bool {
        matches!(&self.places, Places::Read(request) if request.format != canonical::request::Format::Text)
    }

    /// The client wants calls of tools in OpenAI's old form, as far as that was read.
    pub fn wants_functions(&self) -> bool {
        matches!(&self.places, Places::Read(request) if request.functions)
    }

    /// Its provider has answered. What was to be told to it may be large and is needed no more; how the answer is told is.
    pub fn answered(&mut self) {
        if let Places::Read(request) = &mut self.places {
            let format = match request.format {
                canonical::request::Format::Text => canonical::request::Format::Text,
                _ => canonical::request::Format::JsonObject,
            };
            **request = canonical::Request {
                format,
                functions: request.functions,
                ..canonical::Request::default()
            };
        }
    }

    /// Bytes of what is kept of it then.
    pub fn kept(&self) -> usize {
        self.asked.size()
    }

    /// The client asks for a stream elsewhere than in the body, as by `Accept`.
    pub fn streamed(&mut self) {
        self.stream = true;
        if let Places::Read(request) = &mut self.places {
            request.stream = true;
        }
    }

    /// [`Self::rewrite_for`] a model that refuses nothing of it.
    #[cfg(test)]
    #[must_use]
    pub fn rewrite(&self, body: &Bytes, slug: &str, quirks: &Quirks, cap: Option<u64>) -> Bytes {
        self.rewrite_for(body, slug, quirks, cap, Refused::NOTHING)
    }

    /// The body for a provider that speaks the client's dialect and calls the model `slug`: at most one copy, and none when
    /// nothing is to be changed. With a `cap`, no answer may have more tokens: limits of the client beyond it are lowered, and
    /// where there is none it is added. What the model refuses goes.
    #[must_use]
    pub(super) fn rewrite_for(
        &self,
        body: &Bytes,
        slug: &str,
        quirks: &Quirks,
        cap: Option<u64>,
        refused: Refused,
    ) -> Bytes {
        match &self.places {
            Places::Openai(places) => places.rewrite(self, body, slug, quirks, cap, refused),
            Places::Messages(places) => places.rewrite(body, slug, cap, refused),
            Places::Responses(places) => places.rewrite(self, body, slug, cap, refused),
            // Whoever asks for this has not asked whether bytes pass.
            Places::Read(_) => body.clone(),
        }
    }
}

impl From<anthropic::scan::Scanned> for Scanned {
    fn from(scanned: anthropic::scan::Scanned) -> Self {
        Self {
            model: scanned.model.clone(),
            stream: scanned.stream,
            include_usage: true,
            chat: true,
            prompt_bytes: scanned.prompt_bytes,
            token_numbers: 0,
            files: scanned.files.clone(),
            bytes: scanned.bytes,
            tools: scanned.tools,
            output_limit: scanned.output_limit,
            least_output: scanned.least_output,
            choices: 1,
            picture: None,
            audio: false,
            predicted: 0,
            unlimited: scanned.unlimited.filter(|member| *member == "max_tokens"),
            unpriced: scanned.unlimited.filter(|member| *member != "max_tokens"),
            foreign: None,
            continues: false,
            before: None,
            asked: responses::echo::Repeated::NOTHING,
            places: Places::Messages(Box::new(scanned)),
        }
    }
}

/// What stands in a prompt beside its text. Several reports of one prompt are summed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Images, sounds and documents, embedded or named.
    pub count: u64,
    /// Of these, documents and films, which count by their pages and seconds and not by their bytes.
    pub paged: u64,
    /// Bytes of those that are embedded, as they are written.
    pub bytes: u64,
    /// Of these, bytes of images. Nobody reads them as text, and an image has its price by its size on the screen.
    pub image_bytes: u64,
    /// There are images.
    pub images: bool,
    /// There is sound.
    pub sound: bool,
    /// A member that names something by its address or its number, which may be of any size.
    pub unmeasured: Option<String>,
    /// A member that names what the provider keeps: nobody here knows whose that is.
    pub kept: Option<String>,
    /// Addresses that the provider is told and may look at.
    pub addresses: Vec<String>,
}

/// How the media type of an image goes on after `image/` that consists of pixels. Others (SVG) are text to a model.
const PIXELS: [&str; 7] = ["png", "jpeg", "jpg", "gif", "webp", "heic", "heif"];

impl Files {
    /// Notes an embedded file of so many bytes as it is written, by its media type.
    pub(super) fn embedded(&mut self, mime: &str, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
        let image = mime.strip_prefix("image/");
        self.images |= image.is_some();
        self.paged += u64::from(image.is_none() && !mime.starts_with("audio/"));
        self.sound |= mime.starts_with("audio/") || mime.starts_with("video/");
        if image.is_some_and(|kind| PIXELS.contains(&kind)) {
            self.image_bytes += bytes;
        }
    }

    /// Notes an image by its address: a provider scales it down, whatever its size.
    pub(super) fn image_at(&mut self, address: Option<&str>) {
        self.count += 1;
        self.images = true;
        self.lies_at(address);
    }

    /// Notes where something lies. What is within the address itself lies nowhere else.
    pub(super) fn lies_at(&mut self, address: Option<&str>) {
        let is_content = |text: &str| text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
        self.addresses
            .extend(address.filter(|text| !is_content(text)).map(str::to_owned));
    }

    /// There may be sound: of what is only named nobody here knows.
    pub fn may_sound(&self) -> bool {
        self.sound || self.unmeasured.is_some() || self.kept.is_some()
    }

    /// Notes something that the request only names.
    pub(super) fn named(&mut self, member: &str) {
        self.count += 1;
        self.paged += 1;
        self.unmeasured.get_or_insert_with(|| member.chars().take(40).collect());
    }

    /// Notes a member of the request, where it is one that names what the provider keeps.
    pub(super) fn note_kept(&mut self, member: Option<&str>) {
        if let Some(member) = member {
            self.kept.get_or_insert_with(|| member.to_owned());
        }
    }

    /// Notes something that the provider keeps under a name.
    pub(super) fn keeps(&mut self, member: &str) {
        self.named(member);
        self.kept.get_or_insert_with(|| member.chars().take(40).collect());
    }
}
