//! What the model is told beside the conversation: which model, the system prompt, temperature, the longest answer.
//! The fields and the reading of what was typed into them.

use leptos::prelude::*;

use super::tools::{self, ToolsField};
use crate::text::Language;

/// The choices of the person. Copies share the same signals.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The model's public name; empty when there is none to choose.
    pub model: RwSignal<String>,
    /// Sets the scene.
    pub system: RwSignal<String>,
    temperature: RwSignal<String>,
    max_tokens: RwSignal<String>,
    tools: RwSignal<String>,
}

impl Settings {
    /// With this model, and everything else left to it.
    pub fn new(model: String) -> Self {
        Self {
            model: RwSignal::new(model),
            system: RwSignal::default(),
            temperature: RwSignal::default(),
            max_tokens: RwSignal::default(),
            tools: RwSignal::default(),
        }
    }

    /// In hundredths; `None` inside leaves it to the model.
    ///
    /// # Errors
    /// When the field holds no number from 0 to 2.
    pub fn temperature(self) -> Result<Option<u16>, ()> {
        self.temperature.with(|typed| match typed.trim() {
            "" => Ok(None),
            typed => hundredths(typed).map(Some).ok_or(()),
        })
    }

    /// In tokens; `None` inside leaves it to the model.
    ///
    /// # Errors
    /// When the field holds no whole number above zero.
    pub fn max_tokens(self) -> Result<Option<u32>, ()> {
        self.max_tokens.with(|typed| match typed.trim() {
            "" => Ok(None),
            typed => typed
                .parse()
                .ok()
                .filter(|tokens| (1..=10_000_000).contains(tokens))
                .map(Some)
                .ok_or(()),
        })
    }

    /// The tools as a request takes them; `None` inside offers none.
    ///
    /// # Errors
    /// When the field holds no list of tools.
    pub fn tools(self) -> Result<Option<String>, ()> {
        self.tools.with(|typed| tools::read(typed))
    }

    /// Everything typed can be sent.
    pub fn valid(self) -> bool {
        self.temperature().is_ok() && self.max_tokens().is_ok() && self.tools().is_ok()
    }
}

/// The fields beside the conversation; on narrow screens behind a button.
#[component]
pub fn SettingsPanel(settings: Settings, language: Language) -> impl IntoView {
    let optional = move || view! { " " <span class="optional">{language.pick("optional", "选填")}</span> };
    let own = language.pick("the model's own", "由模型决定");
    view! {
        <aside class="bench-side" id="settings" popover="auto" aria-label=language.pick("Settings", "设置")>
            <div class="field">
                <label class="label" for="system">{language.pick("System prompt", "系统提示词")}{optional()}</label>
                <textarea class="textarea" id="system" rows="5" prop:value=settings.system
                    on:input=move |event| settings.system.set(event_target_value(&event))></textarea>
            </div>
            <div class="field">
                <label class="label" for="temperature">{language.pick("Temperature", "温度")}{optional()}</label>
                <input class="input input-num" id="temperature" inputmode="decimal" autocomplete="off" placeholder=own
                    aria-describedby="temperature-help" aria-invalid=move || settings.temperature().is_err().then_some("true")
                    prop:value=settings.temperature on:input=move |event| settings.temperature.set(event_target_value(&event))/>
                <Explained id="temperature-help" wrong=Signal::derive(move || settings.temperature().is_err())
                    help=language.pick("0 is steady, 2 is wild. Some models accept only their own.", "0 最稳定，2 最发散。有些模型只接受自己的默认值。")
                    error=language.pick("A number from 0 to 2, such as 0.7.", "请输入 0 到 2 之间的数字，例如 0.7。")/>
            </div>
            <div class="field">
                <label class="label" for="longest">{language.pick("Longest answer", "回答上限")}{optional()}</label>
                <span class="input-box">
                    <input class="input input-num" id="longest" inputmode="numeric" autocomplete="off" placeholder=own
                        aria-describedby="longest-help" aria-invalid=move || settings.max_tokens().is_err().then_some("true")
                        prop:value=settings.max_tokens on:input=move |event| settings.max_tokens.set(event_target_value(&event))/>
                    <span class="unit">{language.pick("tokens", "token")}</span>
                </span>
                <Explained id="longest-help" wrong=Signal::derive(move || settings.max_tokens().is_err())
                    help=language.pick("The answer is cut off there.", "回答达到此长度即被截断。")
                    error=language.pick("A whole number above zero.", "请输入大于零的整数。")/>
            </div>
            <ToolsField tools=settings.tools wrong=Signal::derive(move || settings.tools().is_err()) language/>
            <p class="help">
                {language.pick(
                    "Calls from here are real: they are sent to the provider and stand in the log. What is said is not stored and is gone with this page.",
                    "这里的调用是真实的：会发送给提供商，并记入调用记录。对话内容不会保存，离开本页即消失。",
                )}
            </p>
        </aside>
    }
}

/// The line under a field: help, or what is wrong with what was typed.
#[component]
pub(super) fn Explained(
    id: &'static str,
    wrong: Signal<bool>,
    help: &'static str,
    error: &'static str,
) -> impl IntoView {
    view! { <p id=id class=move || if wrong.get() { "error" } else { "help" }>{move || if wrong.get() { error } else { help }}</p> }
}

/// A typed decimal such as `0.7` in hundredths; further places are cut. `None` when it is no number from 0 to 2.
fn hundredths(typed: &str) -> Option<u16> {
    let (whole, part) = typed.split_once(['.', ',']).unwrap_or((typed, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || (whole.is_empty() && part.is_empty()) || whole.len() > 2 {
        return None;
    }
    let place = |index: usize| part.as_bytes().get(index).map_or(0, |digit| u16::from(digit - b'0'));
    let whole: u16 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    Some(whole * 100 + place(0) * 10 + place(1)).filter(|value| *value <= 200)
}

#[cfg(test)]
mod tests {
    use super::hundredths;

    #[test]
    fn temperatures_are_read_or_refused() {
        let read = ["0", "0.7", ".25", "1,5", "2", "2.00", "0.999"].map(hundredths);
        assert_eq!(
            read,
            [Some(0), Some(70), Some(25), Some(150), Some(200), Some(200), Some(99)]
        );
        for wrong in ["", ".", "-1", "2.01", "x", "1e3", "999", "0.x"] {
            assert_eq!(hundredths(wrong), None, "{wrong:?}");
        }
    }
}
