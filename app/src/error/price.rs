//! Why the form for a price was refused, in both languages.

use domain::price::{MOST_TIERS, PriceRefusal};
use serde::{Deserialize, Serialize};

use crate::text::Language;

/// Why a version was not published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PriceProblem {
    /// The rules say so.
    Refused(PriceRefusal),
    /// Some fields hold no numbers; each says what is wrong with it.
    Numbers,
    /// Not a moment.
    Moment,
    /// Not a kind of picture.
    Kind,
}

impl PriceProblem {
    /// The sentence for the person.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let fixed = match self {
            Self::Numbers => language.pick(
                "Not published: some fields hold no price. Correct the marked ones.",
                "未发布：有些字段不是有效的价格，请更正标出的字段。",
            ),
            Self::Moment => language.pick("Choose a day and a time, in UTC.", "请选择日期和时间（UTC）。"),
            Self::Kind => language.pick(
                "Not published: say of which size and quality pictures are to be priced, like 512x512/auto, or leave that empty.",
                "未发布：请填写要定价的图像尺寸与质量，例如 512x512/auto，或留空。",
            ),
            Self::Refused(PriceRefusal::NeverCharged(never)) => {
                let names: Vec<String> = never.iter().map(|dimension| language.dimension(dimension)).collect();
                return match language {
                    Language::En => format!(
                        "Not published: these prices in a tier would never be charged: {}. Pictures sold by the piece have no tiers, and a tier for the input beyond it prices input alone. Leave them empty.",
                        names.join(", ")
                    ),
                    Language::Zh => format!(
                        "未发布：阶梯中的这些价格永远不会计费：{}。按张计价的图像没有阶梯，而“超出部分”的阶梯仅适用于输入。请留空。",
                        names.join("、")
                    ),
                };
            }
            Self::Refused(PriceRefusal::BelowCost(below)) => {
                let list: Vec<String> = below.iter().map(|below| language.below_cost(below)).collect();
                return match language {
                    Language::En => format!(
                        "Not published: sold below cost. {}. Raise these prices, or tick the box that says it is meant.",
                        list.join("; ")
                    ),
                    Language::Zh => {
                        format!("未发布：售价低于成本。{}。请提高价格，或勾选确认。", list.join("；"))
                    }
                };
            }
            Self::Refused(PriceRefusal::Stale { .. }) => language.pick(
                "Not published: somebody has published another version in the meantime. It stands in the history below. Your numbers are still here; check them and publish again.",
                "未发布：在此期间有人发布了新版本，见下方历史。你填写的数值仍在，请核对后重新发布。",
            ),
            Self::Refused(PriceRefusal::Past) => language.pick(
                "A price takes effect now or later. Leave the moment empty for now.",
                "价格只能从现在或将来生效。留空表示立即生效。",
            ),
            Self::Refused(PriceRefusal::Fraction) => language.pick(
                "A price takes effect at a whole second. Leave the fraction out.",
                "价格在整秒时刻生效，请去掉小数部分。",
            ),
            Self::Refused(PriceRefusal::Empty) => language.pick(
                "Not published: nothing in it has a price. Give at least one; 0 is a price.",
                "未发布：没有填写任何价格。请至少填写一个；0 也是价格。",
            ),
            Self::Refused(PriceRefusal::Tiers) => {
                return match language {
                    Language::En => format!("Not published: a price has at most {MOST_TIERS} tiers."),
                    Language::Zh => format!("未发布：一个价格最多有 {MOST_TIERS} 个阶梯。"),
                };
            }
            Self::Refused(PriceRefusal::Text) => language.pick(
                "A reason and a source have at most 500 characters.",
                "原因和来源不能超过 500 个字符。",
            ),
        };
        fixed.to_owned()
    }
}

impl std::fmt::Display for PriceProblem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.sentence(Language::En))
    }
}
