//! What a provider said of somebody, and whether that is enough.

use super::{IdentityDraft, IdentityRefusal};
use crate::{access::Role, id::ProjectId, name::Email, project::ProjectRole};

/// What a provider said of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Who says so.
    pub issuer: String,
    /// What they call the person; never another person's.
    pub subject: String,
    /// Their address.
    pub email: Option<Email>,
    /// Whether the provider has verified that; absent when it does not say.
    pub verified: Option<bool>,
    /// What they are called.
    pub name: Option<String>,
    /// The role that the rules make of the claims.
    pub role: Option<Role>,
    /// What the rules make of them in projects; absent: they are taken out.
    pub projects: Vec<(ProjectId, Option<ProjectRole>)>,
}

impl Profile {
    /// Whether this can name a person: 1 to 255 characters, as OpenID Connect has it (Core 1.0, section 2).
    #[must_use]
    pub fn is_subject(text: &str) -> bool {
        (1..=255).contains(&text.len())
    }

    /// The address, if the provider vouches for it.
    ///
    /// # Errors
    /// [`IdentityRefusal::NoMail`], [`IdentityRefusal::Unverified`].
    pub fn verified_mail(&self, draft: &IdentityDraft) -> Result<&Email, IdentityRefusal> {
        let title = || draft.title.to_string();
        let email = self
            .email
            .as_ref()
            .ok_or_else(|| IdentityRefusal::NoMail { title: title() })?;
        if self.verified.unwrap_or(draft.trusts_mail) {
            Ok(email)
        } else {
            Err(IdentityRefusal::Unverified { title: title() })
        }
    }

    /// Whether this person may come by this provider at all. Asked at each sign-in, as people change their address.
    ///
    /// # Errors
    /// As [`Self::verified_mail`] where domains are listed, and [`IdentityRefusal::Domain`].
    pub fn may_come_by(&self, draft: &IdentityDraft) -> Result<(), IdentityRefusal> {
        if draft.domains.is_empty() {
            return Ok(());
        }
        let email = self.verified_mail(draft)?.as_str();
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        if draft.domains.iter().any(|allowed| allowed == domain) {
            Ok(())
        } else {
            Err(IdentityRefusal::Domain {
                title: draft.title.to_string(),
                domain: domain.to_owned(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Typed;

    fn draft(domains: &str, trusts_mail: bool) -> IdentityDraft {
        let typed = Typed {
            slug: "a".into(),
            title: "A".into(),
            kind: "oidc".into(),
            issuer: "https://a.b".into(),
            client_id: "hub".into(),
            domains: domains.into(),
            trusts_mail: trusts_mail.to_string(),
            ..Typed::default()
        };
        typed.draft().map_err(|(field, _)| field).expect("a draft")
    }

    fn profile(email: &str, verified: Option<bool>) -> Profile {
        Profile {
            issuer: "https://a.b".into(),
            subject: "1".into(),
            email: email.parse().ok(),
            verified,
            name: None,
            role: None,
            projects: Vec::new(),
        }
    }

    #[test]
    fn domains_want_a_verified_address_of_theirs() {
        let word = |domains, trusts, email, verified| {
            let asked = profile(email, verified).may_come_by(&draft(domains, trusts));
            asked.map_err(|refusal| refusal.word()).err().unwrap_or("fine")
        };
        assert_eq!(word("", false, "", None), "fine");
        assert_eq!(word("Example.com", false, "ada@example.com", Some(true)), "fine");
        assert_eq!(word("example.com", false, "ada@example.com", Some(false)), "unverified");
        assert_eq!(word("example.com", false, "ada@example.com", None), "unverified");
        assert_eq!(word("example.com", true, "ada@example.com", None), "fine");
        assert_eq!(word("example.com", true, "ada@example.com", Some(false)), "unverified");
        assert_eq!(word("example.com", true, "", None), "no_mail");
        for stranger in [
            "ada@evil.com",
            "ada@sub.example.com",
            "ada@notexample.com",
            "example.com@evil.com",
        ] {
            assert_eq!(word("example.com", true, stranger, Some(true)), "domain");
        }
    }
}
