//! Words about prices: what is priced, in which unit, and what is wrong with a typed one. Pages and the price island use them.

use domain::{
    money::{MarginPpm, NumberProblem},
    price::{BelowCost, Dimension, TierRule},
};

use super::{Language, count, percent_of_ppm};

impl Language {
    /// What a dimension is called.
    #[must_use]
    pub fn dimension(self, dimension: &Dimension) -> String {
        let fixed = match dimension {
            Dimension::Input => self.pick("Input", "输入"),
            Dimension::Output => self.pick("Output", "输出"),
            Dimension::CacheRead => self.pick("Cache read", "缓存读取"),
            Dimension::CacheWrite5m => self.pick("Cache write, 5 min", "缓存写入（5 分钟）"),
            Dimension::CacheWrite1h => self.pick("Cache write, 1 h", "缓存写入（1 小时）"),
            Dimension::Reasoning => self.pick("Reasoning", "推理"),
            Dimension::InputAudio => self.pick("Audio in", "音频输入"),
            Dimension::OutputAudio => self.pick("Audio out", "音频输出"),
            Dimension::InputImage => self.pick("Image in", "图像输入"),
            Dimension::OutputImage => self.pick("Image out", "图像输出"),
            Dimension::Second => self.pick("Second", "时长"),
            Dimension::Character => self.pick("Characters", "字符"),
            Dimension::Request => self.pick("Request", "请求"),
            Dimension::Image(kind) => {
                return match self {
                    Self::En => format!("Image {} {}", kind.size(), kind.quality()),
                    Self::Zh => format!("图像 {} {}", kind.size(), kind.quality()),
                };
            }
        };
        fixed.to_owned()
    }

    /// That a price is there and these are not in it.
    #[must_use]
    pub fn lacking(self, dimensions: &[Dimension]) -> String {
        let names: Vec<String> = dimensions.iter().map(|dimension| self.dimension(dimension)).collect();
        match self {
            Self::En => format!("No price for {}", names.join(", ").to_lowercase()),
            Self::Zh => format!("缺少{}价格", names.join("、")),
        }
    }

    /// That the price of a model is one for embeddings alone.
    #[must_use]
    pub const fn embeddings_alone(self) -> &'static str {
        self.pick(
            "No price for output: enough for embeddings alone",
            "缺少输出价格：仅够用于嵌入",
        )
    }

    /// That these are sold and have no cost.
    #[must_use]
    pub fn uncosted(self, dimensions: &[Dimension]) -> String {
        let names: Vec<String> = dimensions.iter().map(|dimension| self.dimension(dimension)).collect();
        match self {
            Self::En => format!("No cost for {}", names.join(", ").to_lowercase()),
            Self::Zh => format!("缺少{}成本", names.join("、")),
        }
    }

    /// What its price is for, where that is not a million tokens.
    #[must_use]
    pub const fn other_unit(self, dimension: &Dimension) -> Option<&'static str> {
        match dimension {
            Dimension::Request => Some(self.pick("each", "每次")),
            Dimension::Image(_) => Some(self.pick("each", "每张")),
            Dimension::Second => Some(self.pick("per second", "每秒")),
            Dimension::Character => Some(self.pick("per million", "每百万")),
            _ => None,
        }
    }

    /// What is wrong with a typed price, margin or threshold.
    #[must_use]
    pub fn price_number(self, problem: NumberProblem) -> String {
        match (self, problem) {
            (Self::En, NumberProblem::Shape) => "Write a number like 2.50, without spaces or commas.".to_owned(),
            (Self::En, NumberProblem::TooFine { allowed }) => format!("At most {allowed} decimals."),
            (Self::En, NumberProblem::TooLarge) => "This is too large.".to_owned(),
            (Self::En, NumberProblem::TooSmall) => "This is too small.".to_owned(),
            (Self::Zh, NumberProblem::Shape) => "请填写数字，例如 2.50，不要使用空格或逗号。".to_owned(),
            (Self::Zh, NumberProblem::TooFine { allowed }) => format!("最多 {allowed} 位小数。"),
            (Self::Zh, NumberProblem::TooLarge) => "数值过大。".to_owned(),
            (Self::Zh, NumberProblem::TooSmall) => "数值过小。".to_owned(),
        }
    }

    /// What is sold below cost, in one line each.
    #[must_use]
    pub fn below_cost(self, below: &BelowCost) -> String {
        let BelowCost {
            dimension,
            above,
            cost,
            sell,
            tokens,
        } = below;
        let (name, cost, sell) = (
            self.dimension(dimension),
            dimension.shown(*cost).parts(),
            dimension.shown(*sell).parts(),
        );
        let told = match (self, above.map(count)) {
            (Self::En, None) => format!("{name}: costs {cost}, sold for {sell}"),
            (Self::En, Some(above)) => format!("{name} above {above} tokens: costs {cost}, sold for {sell}"),
            (Self::Zh, None) => format!("{name}：成本 {cost}，售价 {sell}"),
            (Self::Zh, Some(above)) => format!("{name}（超过 {above} token）：成本 {cost}，售价 {sell}"),
        };
        match (self, tokens.map(count)) {
            (_, None) => told,
            (Self::En, Some(tokens)) => format!("{told}, when a picture has {tokens} tokens, as is usual"),
            (Self::Zh, Some(tokens)) => format!("{told}（按每张图像通常的 {tokens} token 计）"),
        }
    }

    /// What a tier prices.
    #[must_use]
    pub const fn tier_rule(self, rule: TierRule) -> &'static str {
        match rule {
            TierRule::Whole => self.pick("The whole call", "整次调用"),
            TierRule::Marginal => self.pick("Only the input beyond it", "仅超出部分的输入"),
        }
    }
}

/// A margin as people read it.
#[must_use]
pub fn percent(margin: MarginPpm) -> String {
    percent_of_ppm(margin.ppm())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_cost_is_printed_as_everywhere() {
        let mut below = BelowCost {
            dimension: Dimension::Input,
            above: Some(200_000),
            cost: "1234.5".parse().expect("a price"),
            sell: "0".parse().expect("a price"),
            tokens: None,
        };
        let told = Language::En.below_cost(&below);
        assert_eq!(told, "Input above 200,000 tokens: costs 1,234.50, sold for 0");
        below.above = None;
        assert_eq!(Language::En.below_cost(&below), "Input: costs 1,234.50, sold for 0");
    }

    #[test]
    fn margins_are_short_and_never_nothing() {
        let text = |ppm| MarginPpm::from_ppm(ppm).map(percent).unwrap_or_default();
        assert_eq!(
            [0, 200_000, 125_000, 123_456, -40_000, -31_250, -5].map(text),
            [
                "0 %",
                "20 %",
                "12.5 %",
                "12.34 %",
                "\u{2212}4 %",
                "\u{2212}3.13 %",
                "\u{2212}0.0005 %"
            ]
        );
    }
}
