//! Whose fault a failed call is and what to do next, as sentences. Used by the playground and the call pages.

use domain::{call::Fault, money::Amount};

use super::frame::Problem;
use crate::text::Language;

/// Who is to blame, in a few words for a badge.
#[must_use]
pub const fn blame(fault: Fault, language: Language) -> &'static str {
    match fault {
        Fault::Caller => language.pick("request", "请求"),
        Fault::Key => language.pick("API key", "API 密钥"),
        Fault::Credit => language.pick("credit", "余额"),
        Fault::Limit => language.pick("limit", "限额"),
        Fault::Operator => language.pick("hub set-up", "Hub 配置"),
        Fault::Provider => language.pick("provider", "提供商"),
        Fault::Hub => language.pick("hub", "Hub"),
    }
}

/// What of a fault is no matter of what most of its kind is: nothing is wrong with the provider when a model has no price, no
/// credit opens a blocked account, and no other key helps whoever has signed out or is suspended. Of the first four the hub's own
/// message, which is for programs, says the same as the sentences here.
#[derive(Clone, Copy)]
enum Special {
    Short,
    Unpriced,
    Blocked,
    OutOfService,
    SignedOut,
    Suspended,
}

fn special(code: &str) -> Option<Special> {
    match code {
        "insufficient_credits" => Some(Special::Short),
        "model_unpriced" => Some(Special::Unpriced),
        "account_blocked" => Some(Special::Blocked),
        "account_out_of_service" => Some(Special::OutOfService),
        "signed_out" => Some(Special::SignedOut),
        "suspended_user" => Some(Special::Suspended),
        _ => None,
    }
}

/// What happened, as a whole sentence. `code`: the failure's own, as the log has it.
#[must_use]
pub fn verdict(fault: Fault, code: &str, language: Language) -> &'static str {
    match special(code) {
        Some(Special::Unpriced) => {
            return language.pick("The model has no price for this call.", "该模型没有此调用的价格。");
        }
        Some(Special::Blocked) => return language.pick("The account is blocked.", "该账户已被冻结。"),
        Some(Special::OutOfService) => {
            return language.pick(
                "The account is out of service until its books have been looked at.",
                "该账户已停用，需先核对账目。",
            );
        }
        Some(Special::SignedOut) => return language.pick("Whoever asked has signed out.", "提问者已退出登录。"),
        Some(Special::Suspended) => {
            return language.pick(
                "Whoever asked may ask no models: they are suspended, or their role has none.",
                "提问者无法使用模型：已被停用，或其角色无此权限。",
            );
        }
        Some(Special::Short) | None => {}
    }
    match fault {
        Fault::Caller => language.pick("The request was not accepted.", "请求未被接受。"),
        Fault::Key => language.pick("The API key was not accepted.", "API 密钥未被接受。"),
        Fault::Credit => language.pick("There is not enough credit.", "余额不足。"),
        Fault::Limit => language.pick("A limit was reached.", "已达到限额。"),
        Fault::Operator => language.pick(
            "The hub's set-up for this provider does not work.",
            "Hub 对该提供商的配置无法使用。",
        ),
        Fault::Provider => language.pick("The provider failed.", "提供商出现故障。"),
        Fault::Hub => language.pick("The hub failed.", "Hub 出现故障。"),
    }
}

/// What to do about it.
#[must_use]
pub fn advice(fault: Fault, code: &str, language: Language) -> &'static str {
    match special(code) {
        Some(Special::Unpriced) => {
            return language.pick(
                "An admin can publish one under Prices; until then use another model.",
                "管理员可以在“价格”页发布价格；在此之前请使用其他模型。",
            );
        }
        Some(Special::Blocked) => {
            return language.pick(
                "Only an admin can open it again; more credit does not.",
                "只有管理员可以解除冻结；充值无法解除。",
            );
        }
        Some(Special::OutOfService) => return language.pick("Tell an admin of this hub.", "请告知管理员。"),
        Some(Special::SignedOut) => return language.pick("Sign in and ask again.", "请登录后重新提问。"),
        Some(Special::Suspended) => return language.pick("Only an admin can change that.", "只有管理员可以更改。"),
        Some(Special::Short) | None => {}
    }
    match fault {
        Fault::Caller => language.pick(
            "Change the request as the message says; sending it again as it is will not help.",
            "请按提示修改请求；原样重发不会成功。",
        ),
        Fault::Key => language.pick(
            "Check the key that the client sends, or make a new one.",
            "请检查客户端发送的密钥，或新建一个。",
        ),
        Fault::Credit => language.pick("Add credit, or ask an admin for some.", "请充值，或向管理员申请额度。"),
        Fault::Limit => language.pick("Wait a moment and try again.", "请稍候再试。"),
        Fault::Operator => language.pick(
            "An admin has to check the provider's credential, quota and address.",
            "请管理员检查该提供商的凭据、额度和地址。",
        ),
        Fault::Provider => language.pick(
            "Try again, or use another model for now.",
            "请重试，或暂时改用其他模型。",
        ),
        Fault::Hub => language.pick(
            "Try again; if it stays, give your admin the call's id.",
            "请重试；如果仍然失败，请把调用编号告诉管理员。",
        ),
    }
}

/// What a message adds to the verdict and the advice: all of it, or where the hub itself refused for want of money what these do not say.
#[must_use]
pub fn detail(code: &str, message: &str, language: Language) -> String {
    match special(code) {
        Some(Special::Blocked | Special::OutOfService) => String::new(),
        Some(Special::Unpriced) => unpriced(message, language),
        Some(Special::Short) => shortage(message, language),
        Some(Special::SignedOut | Special::Suspended) | None => message.to_owned(),
    }
}

/// What has no price: the model, and perhaps what the call uses of it. The message quotes these.
fn unpriced(message: &str, language: Language) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match (quoted.as_slice(), language) {
        ([], _) => String::new(),
        (quoted, Language::En) => format!("It is about {}.", quoted.join(", ")),
        (quoted, Language::Zh) => format!("涉及 {}。", quoted.join("、")),
    }
}

/// What was needed and what could be spent: the message's first sentence, without its advice and its address.
fn shortage(message: &str, language: Language) -> String {
    let first = message.split_once(". ").map_or(message, |(first, _)| first);
    let first = first.trim_end_matches('.');
    // As every page prints them.
    let figures: Vec<String> = first
        .split([' ', ','])
        .filter_map(|word| word.parse::<Amount>().ok())
        .map(|amount| amount.parts().to_string())
        .collect();
    match (figures.as_slice(), language) {
        ([needed, spendable], Language::En) => {
            format!("This call needs {needed} credits, {spendable} can be spent.")
        }
        ([needed, spendable, owed], Language::En) => {
            format!("This call needs {needed} credits, {spendable} can be spent, and the account owes {owed}.")
        }
        ([needed, spendable], Language::Zh) => format!("此调用需要 {needed} 额度，可用 {spendable}。"),
        ([needed, spendable, owed], Language::Zh) => {
            format!("此调用需要 {needed} 额度，可用 {spendable}，欠款 {owed}。")
        }
        _ if first.is_empty() => String::new(),
        _ => format!("{first}."),
    }
}

/// What a link to where it can be mended says, see `pages::calls::remedy`.
#[must_use]
pub fn remedy(href: &str, language: Language) -> &'static str {
    match href.split('/').nth(1) {
        Some("prices") => language.pick("Set its price", "为其定价"),
        Some("users") => language.pick("See the account", "查看该账户"),
        Some("projects") => language.pick("See the project", "查看项目"),
        _ => language.pick("See your credit", "查看我的额度"),
    }
}

/// Why an answer failed, for the person who waits for it.
#[must_use]
pub fn sentence(problem: &Problem, language: Language) -> String {
    let Some(fault) = problem.fault else {
        if !problem.message.is_empty() {
            return problem.message.clone();
        }
        return language
            .pick(
                "The connection to the hub broke off. Try again.",
                "与 Hub 的连接中断，请重试。",
            )
            .to_owned();
    };
    let next = match (fault, problem.retry_after) {
        (Fault::Caller, _) => language
            .pick("Change the message or the settings.", "请修改消息或设置。")
            .to_owned(),
        (Fault::Credit, Some(_)) => language
            .pick(
                "Running calls hold credit: try again when they have ended.",
                "进行中的调用正占用额度，请在其结束后重试。",
            )
            .to_owned(),
        (Fault::Limit, Some(seconds)) => match language {
            Language::En => format!("Try again in {seconds} s."),
            Language::Zh => format!("请在 {seconds} 秒后重试。"),
        },
        _ => advice(fault, &problem.code, language).to_owned(),
    };
    let space = language.pick(" ", "");
    let verdict = verdict(fault, &problem.code, language);
    let detail = detail(&problem.code, &problem.message, language);
    if detail.is_empty() {
        format!("{verdict}{space}{next}")
    } else if special(&problem.code).is_some() {
        format!("{verdict}{space}{detail}{space}{next}")
    } else {
        format!("{verdict}{space}{next} ({detail})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(fault: Fault, code: &str) -> String {
        let problem = Problem {
            fault: Some(fault),
            code: code.to_owned(),
            message: String::new(),
            retry_after: None,
            href: None,
        };
        sentence(&problem, Language::En)
    }

    fn said(fault: Fault, code: &str, message: &str, retry_after: Option<u32>, language: Language) -> String {
        let problem = Problem {
            fault: Some(fault),
            code: code.to_owned(),
            message: message.to_owned(),
            retry_after,
            href: None,
        };
        sentence(&problem, language)
    }

    #[test]
    fn what_is_refused_for_want_of_money_is_said_once() {
        let short = "This call needs 0.0021564 credits, 0.00 can be spent. Add credit at http://hub/credits: 0.0021564 are missing.";
        assert_eq!(
            said(Fault::Credit, "insufficient_credits", short, None, Language::En),
            "There is not enough credit. This call needs 0.0021564 credits, 0 can be spent. Add credit, or ask an admin for some."
        );
        assert_eq!(
            said(Fault::Credit, "insufficient_credits", short, None, Language::Zh),
            "余额不足。此调用需要 0.0021564 额度，可用 0。请充值，或向管理员申请额度。"
        );
        let held = "This call needs 2 credits, 0.00 can be spent, and the account owes 7.50. Running calls hold 3: try again when they have ended, or add credit at http://hub/credits.";
        assert_eq!(
            said(Fault::Credit, "insufficient_credits", held, Some(5), Language::En),
            "There is not enough credit. This call needs 2.00 credits, 0 can be spent, and the account owes 7.50. Running calls hold credit: try again when they have ended."
        );
        assert!(said(Fault::Credit, "insufficient_credits", held, Some(5), Language::Zh).contains("欠款 7.50。"));
        let blocked = "The account of this key is blocked, so it admits no calls. Ask whoever runs this hub.";
        let told = said(Fault::Credit, "account_blocked", blocked, None, Language::En);
        assert_eq!(
            told,
            "The account is blocked. Only an admin can open it again; more credit does not."
        );
        let unpriced = "The model `a/b` has no price at this hub, so it cannot be called. Ask whoever runs the hub to set one, or use another model.";
        let told = said(Fault::Operator, "model_unpriced", unpriced, None, Language::En);
        assert!(
            told.contains("It is about a/b.") && !told.contains('`') && !told.contains("Ask whoever"),
            "{told}"
        );
        // Others keep what they say.
        let other = said(Fault::Provider, "provider_error", "It is full", None, Language::En);
        assert!(other.ends_with("(It is full)"), "{other}");
    }

    #[test]
    fn nobody_is_sent_to_what_does_not_help_them() {
        let unpriced = told(Fault::Operator, "model_unpriced");
        assert!(
            unpriced.contains("no price") && unpriced.contains("Prices"),
            "{unpriced}"
        );
        assert!(!unpriced.contains("credential"), "{unpriced}");
        let blocked = told(Fault::Credit, "account_blocked");
        assert!(
            blocked.contains("blocked") && !blocked.contains("Add credit"),
            "{blocked}"
        );
        for (code, wanted) in [("signed_out", "Sign in"), ("suspended_user", "admin")] {
            let told = told(Fault::Key, code);
            assert!(told.contains(wanted) && !told.contains("key"), "{told}");
        }
        // All others as before.
        assert!(told(Fault::Key, "revoked_api_key").contains("make a new one"));
        assert!(told(Fault::Operator, "provider_credential_missing").contains("credential"));
        assert!(told(Fault::Credit, "insufficient_credits").contains("Add credit"));
    }
}
