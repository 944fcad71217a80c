//! Why an answer that has ended is none that could be told as a success. Found by [`super::Sequencer`], where an answer is
//! written anew; where bytes pass, the client gets what its provider says and judges for itself.

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// Its last word came, but no reason of its end: most of it may be missing.
    #[error("it ends without a reason")]
    NoEnd,
    /// It holds neither words nor calls nor a reason of its end.
    #[error("it has no answer in it")]
    Empty,
    /// The arguments of a call are cut off, or no object. A client would run its tool with something that nobody wrote.
    #[error("the arguments of a call are not one JSON object")]
    Arguments,
    /// More arguments came than belong to any call.
    #[error("arguments came that belong to no call")]
    Stray,
    /// A call that no client could run.
    #[error("a call of a tool does not say which tool, or came in parts")]
    Nameless,
    /// Its provider gave up: the model's own call could not be read. In the provider's word.
    #[error("the model could not finish it ({0})")]
    GivenUp(String),
}

impl Defect {
    /// The provider gave up, for this reason. Of what is no word only that is told.
    pub(super) fn given_up(reason: &str) -> Self {
        let is_word = reason.len() <= 64
            && reason
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
        Self::GivenUp(
            if is_word && !reason.is_empty() {
                reason
            } else {
                "for a reason of its own"
            }
            .to_owned(),
        )
    }
}
