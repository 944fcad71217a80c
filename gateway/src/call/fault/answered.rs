//! A whole answer that is no success, judged by its status, its code and its words; the table stands in the file above.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use domain::call::Fault;

use super::{
    Again, CallError, DENIED, NO_MODEL, Verdict, callers_words,
    meant::{about_an_item, about_model, about_the_endpoint, asks_wrongly, denies, withholds},
    quoted,
};
use crate::{
    secrets::{gives_away, mask},
    wire::{
        openai::error::{self, Said},
        speech::Speech,
    },
};

/// Codes by which services say that the operator's account is out of money.
pub(super) const QUOTA_CODES: [&str; 6] = [
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "insufficient_balance",
    "insufficient_credits",
    "AccountOverdueError",
];
/// Words with which Anthropic begins when it says with status 400 that the operator's account is out of money. As with the
/// words below, no credential rests for them.
const QUOTA_WORDS: &str = "your credit balance is too low";
/// Codes by which services refuse the credential.
pub(super) const CREDENTIAL_CODES: [&str; 6] = [
    "invalid_api_key",
    "API_KEY_INVALID",
    "account_deactivated",
    "invalid_organization",
    "AuthenticationError",
    "authentication_error",
];
/// So long a credential rests that was refused.
const CREDENTIAL_REST: Duration = Duration::from_secs(30);
/// Words with which some services begin when they refuse the credential with status 400 and no code for it (xAI, Gemini's
/// compatible wire). A prompt may be quoted in such an answer, so these words never let a credential rest: whoever writes them
/// into a prompt could have it taken from everybody.
const CREDENTIAL_WORDS: [&str; 5] = [
    "incorrect api key",
    "invalid api key",
    "api key not valid",
    "api key is invalid",
    // Google's, with status 403.
    "your api key was reported as leaked",
];
/// So long one rests whose account is out of quota or credit.
const QUOTA_REST: Duration = Duration::from_secs(60);

/// Judges an answer that is not 2xx.
pub(in crate::call) fn of_answer(
    speech: Speech,
    status: u16,
    body: &Bytes,
    retry_after: Option<u32>,
    secret: &str,
    provider: &str,
    model: &str,
) -> Verdict {
    let (said, wait) = speech.refusal(body);
    let lower = said.message.to_lowercase();
    Answered {
        speech,
        status,
        body,
        retry_after: retry_after.or(wait),
        secret,
        provider,
        model,
        words: mask(&said.message, &[secret]),
        by_words: CREDENTIAL_WORDS.iter().any(|phrase| lower.starts_with(phrase)),
        out_of_credit: lower.starts_with(QUOTA_WORDS),
        said,
    }
    .judge()
}

struct Answered<'a> {
    speech: Speech,
    status: u16,
    body: &'a Bytes,
    /// Seconds, from the header or the body.
    retry_after: Option<u32>,
    secret: &'a str,
    /// What the provider and its model are called.
    provider: &'a str,
    model: &'a str,
    said: Said,
    /// The provider's words, masked.
    words: String,
    /// They begin with [`CREDENTIAL_WORDS`].
    by_words: bool,
    /// They begin with [`QUOTA_WORDS`].
    out_of_credit: bool,
}

impl Answered<'_> {
    fn judge(self) -> Verdict {
        let code = self.said.code.as_str();
        let by_code = CREDENTIAL_CODES.contains(&code);
        match self.status {
            _ if QUOTA_CODES.contains(&code) => self.quota(QUOTA_REST),
            402 => self.quota(QUOTA_REST),
            400 if self.out_of_credit => self.quota(Duration::ZERO),
            403 => self.forbidden(),
            401 => self.credential_rejected(CREDENTIAL_REST),
            400..=499 if by_code => self.credential_rejected(CREDENTIAL_REST),
            400..=499 if self.by_words => self.credential_rejected(Duration::ZERO),
            404 => self.not_found(),
            405 | 410 | 300..=399 => self.wrong_address(),
            429 => self.limited(),
            498 | 503 | 529 => self.down(
                503,
                "provider_overloaded",
                "is overloaded. Try again later.",
                Again::Once,
            ),
            408 | 504 | 524 => self.down(504, "provider_timeout", "did not answer in time.", Again::No),
            status @ 400..=498 => self.asked_wrongly(status),
            _ => self.down(502, "provider_failed", "failed to answer.", Again::No),
        }
    }

    /// The content, the model, the request, a right, or the credential.
    fn forbidden(self) -> Verdict {
        let (provider, model, said) = (self.provider, self.model, &self.said);
        if said.moderated {
            let error = CallError {
                kept: Some(Box::default()),
                ..CallError::new(
                    Fault::Caller,
                    400,
                    "content_policy_violation",
                    callers_words(&self.words),
                )
            };
            return self.verdict(error, Again::No);
        }
        if withholds(said, model) {
            let sentence = format!(
                "{provider} does not let the hub's account use the model `{model}`. Ask whoever runs this hub, or choose another model."
            );
            let error = CallError::new(Fault::Operator, 404, NO_MODEL, sentence);
            return self.verdict(error, Again::OtherCredential(Duration::ZERO));
        }
        if self.by_words {
            return self.credential_rejected(Duration::ZERO);
        }
        if asks_wrongly(self.speech.wire, said) {
            return self.asked_wrongly(400);
        }
        if denies(self.speech.wire, said) {
            let sentence = format!(
                "{provider} does not allow the hub's account what this request asks for. Your key is fine: leave out what is out of the ordinary (beta features, files), or ask whoever runs this hub."
            );
            return self.operators(DENIED, sentence, Again::OtherCredential(Duration::ZERO));
        }
        self.credential_rejected(CREDENTIAL_REST)
    }

    /// What the model is for, the model, an item that the request names, or the address.
    fn not_found(self) -> Verdict {
        if about_the_endpoint(&self.said) {
            return self.asked_wrongly(404);
        }
        if about_model(&self.said) {
            let (provider, model) = (self.provider, self.model);
            let sentence = format!(
                "{provider} does not offer the model `{model}` (any more). Ask whoever runs this hub, or choose another model."
            );
            let error = CallError::new(Fault::Operator, 404, NO_MODEL, sentence);
            return self.verdict(error, Again::No);
        }
        if about_an_item(&self.said) {
            return self.asked_wrongly(404);
        }
        self.wrong_address()
    }

    fn limited(self) -> Verdict {
        let rest = Duration::from_secs(self.retry_after.unwrap_or(5).clamp(5, 60).into());
        let sentence = format!(
            "{} limits the rate of calls at the moment. Try again later.",
            self.provider
        );
        let error = CallError {
            retry_after: self.retry_after,
            ..CallError::new(Fault::Limit, 429, "provider_rate_limited", sentence)
        };
        self.verdict(error, Again::OtherCredential(rest))
    }

    fn quota(self, rest: Duration) -> Verdict {
        let sentence = format!(
            "The hub's account at {} is out of quota or credit. Your key is fine: ask whoever runs this hub.",
            self.provider
        );
        self.operators("provider_quota_exhausted", sentence, Again::OtherCredential(rest))
    }

    fn credential_rejected(self, rest: Duration) -> Verdict {
        let sentence = format!(
            "{} refuses the hub's credential. Your key is fine: ask whoever runs this hub.",
            self.provider
        );
        self.operators("provider_credential_rejected", sentence, Again::OtherCredential(rest))
    }

    fn wrong_address(self) -> Verdict {
        let sentence = format!(
            "{} has no such endpoint. Ask whoever runs this hub to check the provider's base URL.",
            self.provider
        );
        self.operators("provider_address_wrong", sentence, Again::No)
    }

    fn operators(self, code: &'static str, sentence: String, again: Again) -> Verdict {
        self.verdict(CallError::new(Fault::Operator, 502, code, sentence), again)
    }

    fn down(self, status: u16, code: &'static str, sentence: &str, again: Again) -> Verdict {
        let sentence = format!("{} {sentence}", self.provider);
        let error = CallError {
            retry_after: self.retry_after,
            ..CallError::new(Fault::Provider, status, code, sentence)
        };
        self.verdict(error, again)
    }

    /// The request itself is refused: the provider's body goes back unmodified, since clients act upon its wording. Where it
    /// holds a piece of the credential, or what resembles one, that is masked and the rest stays; a body that is not in the
    /// client's dialect is replaced by its words, masked.
    fn asked_wrongly(self, status: u16) -> Verdict {
        let (said, secret) = (&self.said, self.secret);
        let code = if quoted::is_code(&said.code) {
            Cow::Owned(mask(&said.code, &[secret]))
        } else {
            Cow::Borrowed("provider_refused_request")
        };
        let upstream_body = (said.in_shape && self.speech.passes())
            .then(|| error::without_credentials(self.body, secret))
            .flatten()
            .filter(|body| !gives_away(body, secret));
        let error = CallError {
            code,
            upstream_body,
            // Whoever has the request at hand puts in what quotes nothing of it.
            kept: Some(Box::default()),
            ..CallError::new(Fault::Caller, status, "", callers_words(&self.words))
        };
        self.verdict(error, Again::No)
    }

    fn verdict(self, error: CallError, again: Again) -> Verdict {
        Verdict {
            error,
            words: self.words,
            again,
        }
    }
}
