//! A provider as it is typed, in a form or in the configuration file: texts, one a field, and what they come to.

use serde::{Deserialize, Serialize};

use super::{Fields, IdentityDraft, IdentityRefusal, IdentityUrl, InvalidIdentity, Plain, RoleRules, Way};
use crate::{name::InvalidName, refusal::Refusal};

/// What a ticked box sends.
const TICKED: &str = "true";

/// What was typed. Empty texts take the defaults of the kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// Its name in addresses.
    pub slug: String,
    /// What stands on its button.
    pub title: String,
    /// `oidc` or `oauth2`.
    pub kind: String,
    /// The issuer, or its address of discovery.
    pub issuer: String,
    /// Where the browser goes.
    pub authorize_url: String,
    /// Where a code becomes a token.
    pub token_url: String,
    /// Who it is.
    pub userinfo_url: String,
    /// A list of addresses of mail.
    pub emails_url: String,
    /// The name of a field.
    pub subject_field: String,
    /// The name of a field.
    pub email_field: String,
    /// The name of a field.
    pub verified_field: String,
    /// The name of a field.
    pub name_field: String,
    /// How it knows this hub.
    pub client_id: String,
    /// With spaces or commas between.
    pub scopes: String,
    /// With spaces or commas between.
    pub domains: String,
    /// One a line.
    pub roles: String,
    /// `true` when its addresses count as verified; forms send that or nothing.
    pub trusts_mail: String,
}

/// What is wrong, and with which field.
pub type Problem = (&'static str, TypedProblem);

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypedProblem {
    /// A name.
    #[error("{0}.")]
    Name(#[from] InvalidName),
    /// Anything else.
    #[error("{0}")]
    Identity(#[from] InvalidIdentity),
}

impl TypedProblem {
    /// In terms of the product.
    ///
    /// # Errors
    /// What is wrong, where it is about identity providers.
    pub fn refusal(self) -> Result<Refusal, IdentityRefusal> {
        match self {
            Self::Name(problem) => Ok(problem.into()),
            Self::Identity(problem) => Err(problem.into()),
        }
    }
}

impl Typed {
    /// What it comes to.
    ///
    /// # Errors
    /// The first field that is wrong, by its name.
    pub fn draft(&self) -> Result<IdentityDraft, Problem> {
        let (way, scopes) = match self.kind.trim() {
            "" | "oidc" => (
                Way::Oidc {
                    issuer: url("issuer", &self.issuer)?.issuer(),
                },
                "openid email profile",
            ),
            "oauth2" => (Way::Oauth2(Box::new(self.plain()?)), ""),
            _ => return Err(wrong("kind", InvalidIdentity::Kind)),
        };
        let client_id = self.client_id.trim();
        if !(1..=400).contains(&client_id.len()) || !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("client_id", InvalidIdentity::ClientId));
        }
        let mut scopes = words(if self.scopes.trim().is_empty() {
            scopes
        } else {
            &self.scopes
        });
        // Without it there is no ID token (OpenID Connect Core 1.0, section 3.1.2.1).
        if matches!(way, Way::Oidc { .. }) && !scopes.iter().any(|scope| scope == "openid") {
            scopes.insert(0, "openid".to_owned());
        }
        let is_scope = |scope: &String| {
            scope.len() <= 200
                && scope
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
        };
        if scopes.len() > 20 || !scopes.iter().all(is_scope) {
            return Err(wrong("scopes", InvalidIdentity::Scopes));
        }
        let domains = domains(&self.domains).ok_or_else(|| wrong("domains", InvalidIdentity::Domains))?;
        Ok(IdentityDraft {
            slug: self
                .slug
                .parse()
                .map_err(|problem: InvalidName| ("slug", problem.into()))?,
            title: self
                .title
                .parse()
                .map_err(|problem: InvalidName| ("title", problem.into()))?,
            way,
            client_id: client_id.to_owned(),
            scopes,
            domains,
            rules: RoleRules::parse(&self.roles).map_err(|problem| wrong("roles", problem))?,
            trusts_mail: self.trusts_mail.trim() == TICKED,
        })
    }

    fn plain(&self) -> Result<Plain, Problem> {
        let field = |name: &'static str, typed: &str, default: &str| {
            let typed = typed.trim();
            let text = if typed.is_empty() { default } else { typed };
            let fine = text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_graphic());
            if fine {
                Ok(text.to_owned())
            } else {
                Err(wrong(name, InvalidIdentity::Field))
            }
        };
        Ok(Plain {
            authorize: url("authorize_url", &self.authorize_url)?,
            token: url("token_url", &self.token_url)?,
            userinfo: url("userinfo_url", &self.userinfo_url)?,
            emails: match self.emails_url.trim() {
                "" => None,
                typed => Some(url("emails_url", typed)?),
            },
            fields: Fields {
                subject: field("subject_field", &self.subject_field, "id")?,
                email: field("email_field", &self.email_field, "email")?,
                verified: field("verified_field", &self.verified_field, "")?,
                name: field("name_field", &self.name_field, "name")?,
            },
        })
    }

    /// A draft as it would be typed, for the form that changes it.
    #[must_use]
    pub fn of(draft: &IdentityDraft) -> Self {
        let mut typed = Self {
            slug: draft.slug.to_string(),
            title: draft.title.to_string(),
            kind: draft.way.kind().to_owned(),
            client_id: draft.client_id.clone(),
            scopes: draft.scopes.join(" "),
            domains: draft.domains.join(" "),
            roles: draft.rules.to_string(),
            trusts_mail: if draft.trusts_mail {
                TICKED.to_owned()
            } else {
                String::new()
            },
            ..Self::default()
        };
        match &draft.way {
            Way::Oidc { issuer } => typed.issuer = issuer.to_string(),
            Way::Oauth2(plain) => {
                typed.authorize_url = plain.authorize.to_string();
                typed.token_url = plain.token.to_string();
                typed.userinfo_url = plain.userinfo.to_string();
                typed.emails_url = plain.emails.as_ref().map(ToString::to_string).unwrap_or_default();
                typed.subject_field.clone_from(&plain.fields.subject);
                typed.email_field.clone_from(&plain.fields.email);
                typed.verified_field.clone_from(&plain.fields.verified);
                typed.name_field.clone_from(&plain.fields.name);
            }
        }
        typed
    }
}

fn wrong(field: &'static str, problem: InvalidIdentity) -> Problem {
    (field, problem.into())
}

fn url(field: &'static str, typed: &str) -> Result<IdentityUrl, Problem> {
    typed.parse().map_err(|problem| wrong(field, problem))
}

fn words(typed: &str) -> Vec<String> {
    let words = typed
        .split([' ', ',', '\n', '\r', '\t'])
        .filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Domains of mail as they are typed, in lower case; none when one of them cannot be one.
#[must_use]
pub fn domains(typed: &str) -> Option<Vec<String>> {
    let domains: Vec<String> = words(typed).iter().map(|domain| domain.to_lowercase()).collect();
    (domains.len() <= 50 && domains.iter().all(|domain| is_domain(domain))).then_some(domains)
}

fn is_domain(domain: &str) -> bool {
    let letters = domain
        .chars()
        .all(|letter| letter.is_alphanumeric() || ".-".contains(letter));
    letters && domain.len() <= 253 && !domain.starts_with(['.', '-']) && !domain.ends_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn github() -> Typed {
        Typed {
            slug: "github".into(),
            title: "GitHub".into(),
            kind: "oauth2".into(),
            authorize_url: "https://github.com/login/oauth/authorize".into(),
            token_url: "https://github.com/login/oauth/access_token".into(),
            userinfo_url: "https://api.github.com/user".into(),
            emails_url: "https://api.github.com/user/emails".into(),
            client_id: "Iv1.0123".into(),
            scopes: "read:user, user:email".into(),
            domains: "Example.com example.org".into(),
            roles: "login: octocat = admin".into(),
            ..Typed::default()
        }
    }

    #[test]
    fn what_was_typed_comes_back_as_it_is_meant() {
        let draft = github().draft().expect("a draft");
        assert_eq!(draft.scopes, ["read:user", "user:email"]);
        assert_eq!(draft.domains, ["example.com", "example.org"]);
        assert_eq!(Typed::of(&draft).draft(), Ok(draft));
    }

    #[test]
    fn openid_is_always_asked_for() {
        let typed = Typed {
            kind: "oidc".into(),
            issuer: "https://a.b".into(),
            scopes: "email".into(),
            ..github()
        };
        assert_eq!(
            typed.draft().map(|draft| draft.scopes).ok(),
            Some(vec!["openid".to_owned(), "email".to_owned()])
        );
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        let field = |typed: Typed| typed.draft().err().map(|(field, _)| field);
        assert_eq!(
            field(Typed {
                slug: "A B".into(),
                ..github()
            }),
            Some("slug")
        );
        assert_eq!(
            field(Typed {
                kind: "saml".into(),
                ..github()
            }),
            Some("kind")
        );
        assert_eq!(
            field(Typed {
                token_url: "http://x".into(),
                ..github()
            }),
            Some("token_url")
        );
        assert_eq!(
            field(Typed {
                client_id: "a b".into(),
                ..github()
            }),
            Some("client_id")
        );
        assert_eq!(
            field(Typed {
                domains: "*.com".into(),
                ..github()
            }),
            Some("domains")
        );
        assert_eq!(
            field(Typed {
                roles: "otherwise = owner".into(),
                ..github()
            }),
            Some("roles")
        );
        assert_eq!(
            field(Typed {
                scopes: "a\"b".into(),
                ..github()
            }),
            Some("scopes")
        );
    }
}
