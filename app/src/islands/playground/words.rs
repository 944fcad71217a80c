//! Whose fault a failed call is and what to do next, as sentences. Used by the playground and the call pages.

use domain::call::Fault;

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
/// credit opens a blocked account, and no other key helps whoever has signed out or is suspended.
#[derive(Clone, Copy)]
enum Special {
    Unpriced,
    Blocked,
    SignedOut,
    Suspended,
}

fn special(code: &str) -> Option<Special> {
    match code {
        "model_unpriced" => Some(Special::Unpriced),
        "account_blocked" => Some(Special::Blocked),
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
        Some(Special::SignedOut) => return language.pick("Whoever asked has signed out.", "提问者已退出登录。"),
        Some(Special::Suspended) => {
            return language.pick(
                "Whoever asked may ask no models: they are suspended, or their role has none.",
                "提问者无法使用模型：已被停用，或其角色无此权限。",
            );
        }
        None => {}
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
        Some(Special::SignedOut) => return language.pick("Sign in and ask again.", "请登录后重新提问。"),
        Some(Special::Suspended) => return language.pick("Only an admin can change that.", "只有管理员可以更改。"),
        None => {}
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
        (Fault::Limit, Some(seconds)) => match language {
            Language::En => format!("Try again in {seconds} s."),
            Language::Zh => format!("请在 {seconds} 秒后重试。"),
        },
        _ => advice(fault, &problem.code, language).to_owned(),
    };
    let space = language.pick(" ", "");
    if problem.message.is_empty() {
        format!("{}{space}{next}", verdict(fault, &problem.code, language))
    } else {
        format!(
            "{}{space}{next} ({})",
            verdict(fault, &problem.code, language),
            problem.message
        )
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
        };
        sentence(&problem, Language::En)
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
