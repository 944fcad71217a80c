//! The fields about what a key may do, from where and until when, as the forms that make and change one show and read them.

use domain::{
    key::{Addresses, Allowed, Expiry, KeyRules, Scope, Scopes},
    refusal::Invalid,
    time::{Micros, Timestamp},
};
use gateway::Gateway;
use jiff::{civil::Date, tz::TimeZone};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    components::*,
    form::{AtField, Back, Refused},
    pages::providers::fields::TICKED,
    text::{Language, use_language},
};

/// The word of the choice that leaves a key's end as it is.
const AS_IT_IS: &str = "keep";
/// The word of the choice that a date goes with.
const DATE: &str = "date";

/// What was typed about a key's rules. Boxes send `true` or nothing, and among flattened arguments only texts are read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleFields {
    /// It may call models.
    pub inference: String,
    /// It may read what it used.
    pub usage: String,
    /// It may manage.
    pub manage: String,
    /// Names of models, one a line.
    pub models: String,
    /// One more, found by a part of its name.
    pub one_more: String,
    /// Networks, one a line.
    pub addresses: String,
    /// How long it lives: a word of [`Expiry`], or that it stays as it is, or that a date says it.
    pub expires: String,
    /// That date.
    pub until: String,
}

impl RuleFields {
    /// Keeps it for a form that is refused.
    pub fn keep(&self, back: Back) -> Back {
        back.keeping("inference", &self.inference)
            .keeping("usage", &self.usage)
            .keeping("manage", &self.manage)
            .keeping("models", &self.models)
            .keeping("one_more", &self.one_more)
            .keeping("addresses", &self.addresses)
            .keeping("expires", &self.expires)
            .keeping("until", &self.until)
    }

    /// The form had none of these fields: each sends its choice of an end.
    pub const fn is_absent(&self) -> bool {
        self.expires.is_empty()
    }

    /// What the key may do.
    pub fn scopes(&self) -> Scopes {
        let chosen = [
            (&self.inference, Scope::Inference),
            (&self.usage, Scope::Usage),
            (&self.manage, Scope::Manage),
        ];
        let ticked = chosen.into_iter().filter(|(sent, _)| *sent == TICKED);
        ticked.map(|(_, scope)| scope).collect()
    }

    /// Which models it may ask.
    pub fn allowed(&self) -> Result<Allowed, Refused> {
        Allowed::parse(&self.one_more).at("one_more")?;
        Allowed::parse(&format!("{}\n{}", self.models, self.one_more)).at("models")
    }

    /// From where it may be used.
    pub fn addresses(&self) -> Result<Option<Addresses>, Refused> {
        Addresses::parse(&self.addresses).at("addresses")
    }

    /// When it ends; none where that stays as it is.
    pub fn expiry(&self) -> Result<Option<Expiry>, Refused> {
        match self.expires.as_str() {
            AS_IT_IS | "" => Ok(None),
            DATE => last_day(&self.until).ok_or(Invalid::Expiry).at("until").map(Some),
            word => Expiry::parse(word).ok_or(Invalid::Expiry).at("expires").map(Some),
        }
    }
}

/// The end of a day (UTC) that is written as `2027-01-31`.
fn last_day(typed: &str) -> Option<Expiry> {
    let day: Date = typed.trim().parse().ok()?;
    let end = day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Expiry::At(Timestamp(Micros::from_seconds(end.as_second()).0)))
}

/// How long a key may live, in words.
fn expiry_in_words(expiry: Expiry, language: Language) -> String {
    match (expiry, language) {
        (Expiry::Never, _) => language.pick("Never", "永不").to_owned(),
        (Expiry::Days(365), _) => language.pick("In a year", "一年后").to_owned(),
        (Expiry::Days(days), Language::En) => format!("In {days} days"),
        (Expiry::Days(days), Language::Zh) => format!("{days} 天后"),
        (Expiry::At(_), _) => String::new(),
    }
}

/// The fields. `now`: the rules that are changed; none for a key that is being made.
pub fn fields(gateway: &Gateway, now: Option<&KeyRules>, may_manage: bool) -> impl IntoView + use<> {
    let language = use_language();
    let usual = KeyRules::default();
    let rules = now.unwrap_or(&usual);
    let manage = may_manage || rules.scopes.has(Scope::Manage);
    view! {
        <fieldset class="fieldset">
            <legend class="label">{language.pick("What it may do", "权限")}</legend>
            <div class="stack stack-s">
                <CheckField
                    name="inference"
                    label=language.pick("Call models", "调用模型")
                    checked={rules.scopes.has(Scope::Inference)}
                />
                <CheckField
                    name="usage"
                    label=language.pick("Read its own usage, credit and calls", "读取自己的用量、额度和调用记录")
                    checked={rules.scopes.has(Scope::Usage)}
                />
                {manage.then(|| view! {
                    <CheckField
                        name="manage"
                        label=language.pick("Manage this hub by HTTP", "通过 HTTP 管理 Hub")
                        hint=language.pick(
                            "It does whatever its owner's role allows. Keep it like a password.",
                            "拥有所有者角色的全部权限，请像密码一样保管。",
                        )
                        checked={rules.scopes.has(Scope::Manage)}
                    />
                })}
            </div>
        </fieldset>
        <TextArea
            name="models"
            label=language.pick("Allowed models", "允许的模型")
            hint=language.pick(
                "One a line: provider/model, or provider/* for all of a provider. Empty: every model.",
                "每行一个：provider/model，或 provider/* 表示该提供商的全部模型。留空表示所有模型。",
            )
            value={rules.allowed.to_string()}
            optional=true
            mono=true
            rows=3
        />
        {one_more(gateway)}
        <TextArea
            name="addresses"
            label=language.pick("Allowed addresses", "允许的地址")
            hint=language.pick(
                "One a line: 192.0.2.7 or 10.0.0.0/8. Empty: from everywhere.",
                "每行一个：192.0.2.7 或 10.0.0.0/8。留空表示不限。",
            )
            value={rules.addresses.as_ref().map(|bound| bound.to_string().replace(',', "\n")).unwrap_or_default()}
            optional=true
            mono=true
            rows=2
        />
        {expiry(now)}
    }
}

/// What can be named: found by a part of it, and to copy from.
fn one_more(gateway: &Gateway) -> impl IntoView + use<> {
    let language = use_language();
    let snapshot = gateway.snapshot();
    let mut names: Vec<String> = Vec::new();
    for model in snapshot.models() {
        let all = format!("{}/*", model.provider.name);
        if !names.contains(&all) {
            names.push(all);
        }
        names.push(model.public_name.to_string());
    }
    (!names.is_empty()).then(|| {
        let copied = names.join("\n");
        view! {
            <TextField
                name="one_more"
                kind="search"
                label=language.pick("Find a model to allow", "查找并允许一个模型")
                hint=language.pick(
                    "Part of a name offers what fits; saving adds it to the list above.",
                    "输入名称的一部分即可选择；保存后加入上方列表。",
                )
                optional=true
                mono=true
                autocomplete="off"
                offers=names
            />
            <Disclosure summary=language.pick("Names to copy", "可复制的名称")>
                <pre class="mono names" tabindex="0">{copied}</pre>
            </Disclosure>
        }
    })
}

fn expiry(now: Option<&KeyRules>) -> impl IntoView + use<> {
    let language = use_language();
    let presets = Expiry::PRESETS.into_iter().filter_map(|preset| {
        let word = preset.word()?;
        Some(Choice::new(word, expiry_in_words(preset, language)))
    });
    let keeps = now.map(|_| Choice::new(AS_IT_IS, language.pick("As it is", "保持不变")));
    let mut choices: Vec<Choice> = keeps.into_iter().chain(presets).collect();
    choices.push(Choice::new(DATE, language.pick("On a date", "指定日期")));
    let chosen = if now.is_some() { AS_IT_IS } else { "never" };
    view! {
        <div class="form-grid expiry">
            <SelectField name="expires" label=language.pick("Expires", "到期") choices=choices value=chosen />
            <TextField
                name="until"
                label=language.pick("Its last day (UTC)", "最后一天（UTC）")
                kind="date"
                optional=true
                autocomplete="off"
            />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_works_through_its_last_day() {
        // By `date -ud 2027-01-01 +%s`.
        let end = Timestamp(Micros::from_seconds(1_798_761_600).0);
        assert_eq!(last_day("2026-12-31"), Some(Expiry::At(end)));
        for wrong in ["", "tomorrow", "2026-02-30", "2026-12-31T10:00"] {
            let read = last_day(wrong);
            assert!(read.is_none() || wrong.contains('T'), "{wrong}: {read:?}");
        }
    }

    #[test]
    fn one_that_was_found_joins_those_that_were_listed() {
        let typed = |models: &str, one_more: &str| {
            let typed = RuleFields {
                models: models.to_owned(),
                one_more: one_more.to_owned(),
                ..RuleFields::default()
            };
            typed.allowed().map(|allowed| allowed.to_string()).ok()
        };
        assert_eq!(typed("a/b", "c/*").as_deref(), Some("c/*\na/b"));
        assert_eq!(typed("", "c/d").as_deref(), Some("c/d"));
        assert_eq!(typed("a/b", "").as_deref(), Some("a/b"));
        assert_eq!(typed("a/b", "nonsense"), None);
    }

    #[test]
    fn what_is_ticked_is_what_a_key_may_do() {
        let typed = RuleFields {
            usage: TICKED.to_owned(),
            manage: TICKED.to_owned(),
            ..RuleFields::default()
        };
        assert_eq!(typed.scopes().to_string(), "usage,manage");
        assert!(RuleFields::default().scopes().is_empty());
    }
}
