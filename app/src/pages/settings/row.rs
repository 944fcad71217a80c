//! One setting on the page: what it is called and does, its value, where that comes from, and the way to change it.

use domain::setting::Setting;
use leptos::prelude::*;

use super::{configured::KeyWords, group::Group, words};
use crate::{
    components::{Badge, Tone},
    context::{Configured, ValueSource},
    text::{Language, use_language},
};

/// A row of the page.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where it stands.
    pub group: Group,
    title: &'static str,
    about: &'static str,
    /// What sets it: the name for the command line, or the variable.
    key: &'static str,
    file_key: Option<String>,
    value: String,
    source: ValueSource,
    /// Everything that a search may mean by it, in small letters.
    haystack: String,
    /// Whether the search finds it.
    pub found: bool,
    changes: bool,
}

impl Row {
    /// A setting that is changed while the hub runs: what somebody has set, if anybody has. `changes`: the viewer may.
    pub fn changeable(setting: Setting, stored: Option<&str>, changes: bool, language: Language) -> Self {
        let value = stored.unwrap_or(setting.default_value());
        let source = if stored.is_some() {
            ValueSource::Console
        } else {
            ValueSource::Default
        };
        let texts = |language| [words::title(setting, language), words::about(setting, language)];
        Self {
            group: words::group(setting),
            title: words::title(setting, language),
            about: words::about(setting, language),
            key: setting.as_str(),
            file_key: None,
            value: words::value(setting, value, language),
            source,
            haystack: String::new(),
            found: true,
            changes,
        }
        .findable(&Language::ALL.map(texts).concat())
    }

    /// A value that only the configuration sets.
    pub fn configured(of: &Configured, language: Language) -> Self {
        let words = KeyWords::of(of.name);
        let texts = |language| [words.title(language), words.about(language)];
        Self {
            group: words.group,
            title: words.title(language),
            about: words.about(language),
            key: of.name,
            file_key: Some(of.file_key.clone()),
            value: of.value.clone(),
            source: of.source.clone(),
            haystack: String::new(),
            found: true,
            changes: false,
        }
        .findable(&Language::ALL.map(texts).concat())
    }

    /// Found in either language, by its keys, its group and its value.
    fn findable(mut self, texts: &[&str]) -> Self {
        let groups = Language::ALL.map(|language| self.group.title(language));
        let own = [self.key, &self.value, self.file_key.as_deref().unwrap_or_default()];
        let all: Vec<&str> = texts.iter().copied().chain(groups).chain(own).collect();
        self.haystack = all.join(" ").to_lowercase();
        self
    }

    /// Each word of `search` stands in it somewhere.
    #[must_use]
    pub fn searched(mut self, search: &str) -> Self {
        let search = search.to_lowercase();
        self.found = search.split_whitespace().all(|word| self.haystack.contains(word));
        self
    }
}

fn source_in_words(source: &ValueSource, language: Language) -> (Tone, &'static str, Option<&str>) {
    match source {
        ValueSource::Default => (Tone::Off, language.pick("Default", "默认值"), None),
        ValueSource::File(path) => (Tone::Plain, language.pick("File", "配置文件"), Some(path.as_str())),
        ValueSource::Environment(name) => (
            Tone::Plain,
            language.pick("Environment", "环境变量"),
            Some(name.as_str()),
        ),
        ValueSource::CommandLine => (Tone::Plain, language.pick("Command line", "命令行"), None),
        ValueSource::Console => (Tone::Accent, language.pick("Saved", "已保存"), None),
    }
}

/// The row itself.
#[component]
pub fn SettingRow(
    /// What it shows.
    row: Row,
) -> impl IntoView {
    let language = use_language();
    let (tone, source, detail) = source_in_words(&row.source, language);
    let source_label = language.pick("Source: ", "来源：");
    let keys = match &row.file_key {
        None => view! { <code>{row.key}</code> }.into_any(),
        Some(file_key) => view! {
            <code>{row.key}</code>{language.pick(", in the file ", "，配置文件中为 ")}<code>{file_key.clone()}</code>
        }
        .into_any(),
    };
    let value = if row.value.is_empty() {
        view! { <span class="muted">{language.pick("none", "无")}</span> }.into_any()
    } else {
        view! { <strong class="setting-value">{row.value.clone()}</strong> }.into_any()
    };
    let change = row.changes.then(|| {
        let label = match language {
            Language::En => format!("Change {}", row.title),
            Language::Zh => format!("修改{}", row.title),
        };
        view! {
            <a class="btn btn-s" href=format!("/settings/change/{}", row.key) aria-label=label>{language.pick("Change", "修改")}</a>
        }
    });
    view! {
        <li id=row.key class="setting" data-words=row.haystack.clone() hidden=!row.found>
            <div class="list-main">
                <h3 class="setting-title">{row.title}</h3>
                <p class="list-note">{row.about}</p>
                <p class="list-note setting-keys">{keys}</p>
            </div>
            <div class="list-end setting-end">
                {value}
                <span class="setting-source">
                    <span class="visually-hidden">{source_label}</span>
                    <Badge tone=tone text=source/>" "
                    {detail.map(|detail| view! { <small class="muted">{detail.to_owned()}</small> })}
                </span>
                {change}
            </div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_either_language_keys_and_values() {
        let row = Row::changeable(Setting::Mode, Some("service-provider"), true, Language::En);
        assert_eq!(row.source, ValueSource::Console);
        for search in ["mode", "MODE", "模式", "service prov", "general", ""] {
            assert!(row.clone().searched(search).found, "{search}");
        }
        assert!(!row.searched("postgres").found);
        let unset = Row::changeable(Setting::Mode, None, true, Language::En);
        assert_eq!(
            (unset.source, unset.value.as_str()),
            (ValueSource::Default, "Enterprise")
        );
        let listen = Configured {
            name: "HUB_LISTEN",
            file_key: "listen".into(),
            value: "127.0.0.1:1".into(),
            source: ValueSource::Environment("HUB_LISTEN".into()),
        };
        for search in ["hub_listen", "127.0.0.1", "监听", "address"] {
            assert!(
                Row::configured(&listen, Language::Zh).searched(search).found,
                "{search}"
            );
        }
    }
}
