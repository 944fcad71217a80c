//! What can go wrong with a form before anybody has read it: on the way, in its size, in its shape. `server` finds most
//! of it; `error` is what it becomes part of.

use serde::{Deserialize, Serialize};

use crate::text::Language;

/// Why a form was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// A field was missing, or its value could not be read.
    Fields,
    /// It was larger than forms may be.
    TooLarge,
    /// The connection ended before the form did.
    Incomplete,
    /// It did not arrive within the time that a client has.
    Late,
    /// It was not sent as browsers send forms.
    Shape,
    /// There are so many forms at the moment that the hub has no room for it.
    NoRoom,
}

impl Delivery {
    /// The status that says the same to a program.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Fields | Self::Incomplete => 400,
            Self::Late => 408,
            Self::TooLarge => 413,
            Self::Shape => 415,
            Self::NoRoom => 503,
        }
    }

    /// The sentence for the person.
    #[must_use]
    pub const fn sentence(self, language: Language) -> &'static str {
        match self {
            Self::Fields => language.pick(
                "A field of this form was missing or could not be read. Fill it in again and send it.",
                "表单缺少字段或内容无法读取，请重新填写并提交。",
            ),
            Self::TooLarge => language.pick(
                "This form is larger than the hub takes. Shorten what you entered and send it again.",
                "表单超过 Hub 可接受的大小，请缩短内容后重新提交。",
            ),
            Self::Incomplete => language.pick(
                "The connection broke off before the form had arrived. Send it again.",
                "表单尚未传完，连接就中断了，请重新提交。",
            ),
            Self::Late => language.pick(
                "The form took too long to arrive, and nothing was changed. Send it again.",
                "表单传输超时，未做任何更改，请重新提交。",
            ),
            Self::Shape => language.pick(
                "This was not sent as a form (application/x-www-form-urlencoded). Open the page again and send it from there.",
                "提交的内容不是表单格式（application/x-www-form-urlencoded），请重新打开页面后提交。",
            ),
            Self::NoRoom => language.pick(
                "The hub is taking in too much at the moment, and nothing was changed. Send the form again in a few seconds.",
                "Hub 当前接收的内容过多，未做任何更改，请几秒后重新提交。",
            ),
        }
    }
}

impl std::fmt::Display for Delivery {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.sentence(Language::En))
    }
}
