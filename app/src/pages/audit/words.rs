//! What was done, for people. An action that this table does not know is shown as it is written down.

use crate::text::Language;

/// What changes are about, as actions begin (`provider.create`), in the order of the filter.
pub const SUBJECTS: [&str; 17] = [
    "provider",
    "credential",
    "model",
    "price",
    "key",
    "project",
    "limit",
    "user",
    "session",
    "secrets",
    "credit",
    "account",
    "setting",
    "identity_provider",
    "identity",
    "invitation",
    "mail",
];

/// A subject of the filter.
pub fn subject_in_words(subject: &'static str, language: Language) -> &'static str {
    match subject {
        "provider" => language.pick("Providers", "提供商"),
        "credential" => language.pick("Credentials", "凭据"),
        "model" => language.pick("Models", "模型"),
        "price" => language.pick("Prices", "价格"),
        "key" => language.pick("API keys", "API 密钥"),
        "project" => language.pick("Projects", "项目"),
        "limit" => language.pick("Limits", "限额"),
        "user" => language.pick("Users", "用户"),
        "session" => language.pick("Sessions", "会话"),
        "secrets" => language.pick("Master key", "主密钥"),
        "credit" => language.pick("Credit", "额度"),
        "account" => language.pick("Admission of calls", "调用准入"),
        "setting" => language.pick("Settings", "设置"),
        "identity_provider" => language.pick("Identity providers", "身份提供方"),
        "identity" => language.pick("Linked identities", "已关联的身份"),
        "invitation" => language.pick("Invitations", "邀请"),
        "mail" => language.pick("Mail", "邮件"),
        other => other,
    }
}

/// Every action, in the order of the filter: as it is written down, in English, in Chinese.
pub const ACTIONS: [(&str, &str, &str); 93] = [
    ("provider.create", "Provider added", "添加提供商"),
    ("provider.update", "Provider changed", "修改提供商"),
    ("provider.enable", "Provider enabled", "启用提供商"),
    ("provider.disable", "Provider disabled", "停用提供商"),
    ("provider.move", "Provider moved", "调整提供商顺序"),
    ("provider.delete", "Provider deleted", "删除提供商"),
    ("provider.refresh_models", "Models refreshed", "刷新模型"),
    ("credential.create", "Credential added", "添加凭据"),
    ("credential.enable", "Credential enabled", "启用凭据"),
    ("credential.disable", "Credential disabled", "停用凭据"),
    ("credential.delete", "Credential deleted", "删除凭据"),
    ("credential.test", "Credential tested", "测试凭据"),
    ("model.create", "Model typed in", "手动输入模型"),
    ("model.enable", "Model enabled", "启用模型"),
    ("model.disable", "Model disabled", "停用模型"),
    ("model.enable_all", "All models enabled", "启用全部模型"),
    ("model.disable_all", "All models disabled", "停用全部模型"),
    ("model.context", "Context size changed", "修改上下文长度"),
    ("model.delete", "Model deleted", "删除模型"),
    ("price.publish", "Price published", "发布价格"),
    ("price.seal", "Prices sealed", "价格封存"),
    ("key.create", "API key made", "创建 API 密钥"),
    ("key.change", "API key changed", "修改 API 密钥"),
    ("key.enable", "API key enabled", "启用 API 密钥"),
    ("key.disable", "API key disabled", "停用 API 密钥"),
    ("key.rotate", "API key given another secret", "轮换 API 密钥"),
    ("key.revoke", "API key revoked", "吊销 API 密钥"),
    ("key.delete", "API key deleted", "删除 API 密钥"),
    ("project.create", "Project made", "创建项目"),
    ("project.rename", "Project renamed", "重命名项目"),
    ("project.set_payer", "Payer of a project changed", "更改项目付款人"),
    (
        "project.withdraw_payer",
        "Payer of a project withdrawn",
        "项目付款人退出",
    ),
    ("project.add_member", "Member added to a project", "添加项目成员"),
    ("project.set_role", "Role in a project changed", "更改项目角色"),
    ("project.remove_member", "Member taken out of a project", "移除项目成员"),
    (
        "project.add_application",
        "Application added to a project",
        "添加项目应用",
    ),
    (
        "project.remove_application",
        "Application taken out of a project",
        "移除项目应用",
    ),
    ("project.archive", "Project archived", "归档项目"),
    ("limit.create", "Limit set", "设置限额"),
    ("limit.change", "Limit changed", "修改限额"),
    ("limit.remove", "Limit removed", "移除限额"),
    ("user.set_up", "Owner set up", "设置首位所有者"),
    ("user.create", "User added", "添加用户"),
    ("user.set_role", "Role changed", "更改角色"),
    (
        "user.keep_role",
        "Role kept against a provider's claims",
        "保留角色（未采用身份提供方的声明）",
    ),
    ("user.suspend", "User suspended", "停用用户"),
    ("user.activate", "User activated", "重新启用用户"),
    ("user.set_password", "Password set by an admin", "管理员设置密码"),
    ("user.change_password", "Own password changed", "修改自己的密码"),
    ("user.rename", "Name changed", "更改姓名"),
    (
        "user.end_sessions",
        "Signed out everywhere by an admin",
        "管理员结束其全部会话",
    ),
    ("user.delete", "User deleted", "删除用户"),
    ("user.view_as", "Console seen as somebody else", "开始以他人身份查看"),
    ("user.view_as_end", "That view left", "结束以他人身份查看"),
    ("user.sign_in", "Signed in", "登录"),
    ("user.sign_out", "Signed out", "退出登录"),
    ("session.end", "Session ended", "结束会话"),
    ("session.end_all", "All sessions ended", "结束全部会话"),
    ("secrets.rotate", "Master key rotated", "轮换主密钥"),
    ("credit.grant", "Credit granted", "授予额度"),
    ("credit.void", "Lot voided", "作废额度"),
    ("credit.extend", "Lot prolonged", "延期额度"),
    ("credit.adjust", "Credit adjusted", "调整额度"),
    ("credit.correct", "Charge given back", "退回费用"),
    ("credit.debit", "Payment taken back", "付款被撤回"),
    ("credit.write_off", "Debt written off", "核销欠款"),
    ("account.block", "Account blocked", "冻结账户"),
    ("account.unblock", "Account unblocked", "解冻账户"),
    ("account.lift_quarantine", "Account back in service", "恢复账户服务"),
    ("account.time_zone", "Time zone changed", "修改时区"),
    ("setting.change", "Setting changed", "修改设置"),
    ("user.register", "Registered", "注册"),
    ("user.ask_reset", "New password asked for", "申请重设密码"),
    ("user.reset_password", "Password chosen by a mail", "通过邮件设置密码"),
    ("user.verify_email", "Address verified", "验证邮箱"),
    ("user.change_email", "Own address changed", "更换自己的邮箱"),
    ("invitation.create", "Somebody invited", "邀请用户"),
    ("invitation.resend", "Invitation sent again", "重新发送邀请"),
    ("invitation.revoke", "Invitation revoked", "撤销邀请"),
    ("invitation.accept", "Invitation accepted", "接受邀请"),
    ("mail.set", "Mail set up", "设置邮件"),
    ("mail.forget", "Mail switched off", "停用邮件"),
    ("mail.test", "Mail tested", "测试邮件"),
    ("mail.again", "Mail tried again", "重新发送邮件"),
    ("identity_provider.create", "Identity provider added", "添加身份提供方"),
    (
        "identity_provider.update",
        "Identity provider changed",
        "修改身份提供方",
    ),
    (
        "identity_provider.enable",
        "Identity provider enabled",
        "启用身份提供方",
    ),
    (
        "identity_provider.disable",
        "Identity provider disabled",
        "停用身份提供方",
    ),
    (
        "identity_provider.delete",
        "Identity provider deleted",
        "删除身份提供方",
    ),
    ("identity.link", "Identity linked", "关联身份"),
    ("identity.unlink", "Identity unlinked", "取消关联身份"),
    (
        "identity.refuse",
        "Sign-in by a provider refused",
        "拒绝通过身份提供方登录",
    ),
    (
        "identity.omit",
        "Further refused sign-ins not listed",
        "更多被拒绝的登录未列出",
    ),
];

/// An action such as `key.revoke`.
pub fn action_in_words(action: &str, language: Language) -> String {
    ACTIONS
        .into_iter()
        .find(|(known, ..)| *known == action)
        .map_or(action, |(_, english, chinese)| language.pick(english, chinese))
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    #[test]
    fn an_unknown_action_is_shown_as_it_stands() {
        assert_eq!(action_in_words("price.create", Language::Zh), "price.create");
        assert_eq!(action_in_words("key.revoke", Language::En), "API key revoked");
    }

    /// The actions that stand in the sources of the engine: each is written down, so each has words.
    fn actions_in_sources(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry of it").path();
            if path.is_dir() {
                actions_in_sources(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source");
            // Texts in quotes are every second piece of a line.
            for word in text.lines().flat_map(|line| line.split('"').skip(1).step_by(2)) {
                let Some((subject, verb)) = word.split_once('.') else {
                    continue;
                };
                let letters = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
                if SUBJECTS.contains(&subject) && !verb.is_empty() && verb.bytes().all(letters) {
                    found.insert(word.to_owned());
                }
            }
        }
    }

    #[test]
    fn every_action_of_the_sources_has_words() {
        let mut found = BTreeSet::new();
        actions_in_sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/src"),
            &mut found,
        );
        assert!(found.len() > 80, "{found:?}");
        for action in found {
            for language in Language::ALL {
                assert_ne!(action_in_words(&action, language), action, "{action} has no words");
            }
        }
    }

    #[test]
    fn every_action_belongs_to_a_kind_of_the_filter() {
        for (action, ..) in ACTIONS {
            let kind = action.split_once('.').map(|(kind, _)| kind);
            assert!(SUBJECTS.into_iter().any(|known| Some(known) == kind), "{action}");
        }
    }
}
