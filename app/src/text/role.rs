//! Roles in words: what they are called, and what they let somebody do.

use domain::access::Role;

use super::Language;

impl Language {
    /// What a role is called.
    #[must_use]
    pub const fn role(self, role: Role) -> &'static str {
        match role {
            Role::Owner => self.pick("Owner", "所有者"),
            Role::Admin => self.pick("Admin", "管理员"),
            Role::Billing => self.pick("Billing", "财务"),
            Role::Auditor => self.pick("Auditor", "审计员"),
            Role::Member => self.pick("Member", "成员"),
        }
    }

    /// What a role lets somebody do.
    #[must_use]
    pub const fn role_explained(self, role: Role) -> &'static str {
        match role {
            Role::Owner => self.pick(
                "Everything, and who else owns the hub",
                "拥有全部权限，并决定谁是所有者",
            ),
            Role::Admin => self.pick(
                "Connects providers, manages people, sees every call",
                "连接提供商、管理用户、查看所有调用",
            ),
            Role::Billing => self.pick(
                "Prices, credit and books, and every call; no credentials, no keys of others",
                "管理价格、额度和账目，查看所有调用；看不到凭据和他人的密钥",
            ),
            Role::Auditor => self.pick(
                "Sees everything and changes nothing; has no keys",
                "查看一切，不能更改任何内容；没有密钥",
            ),
            Role::Member => self.pick("Makes keys and sees their own calls", "创建密钥并查看自己的调用"),
        }
    }
}
