//! How an identity provider is described: what is sent to add one or to change one. Both come to the texts of a form
//! (`domain::identity::Typed`), so that its rules hold here too.

use domain::identity::{IdentityDraft, Typed, Way};
use gateway::SecretText;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::admin::{AdminError, Secret, body::given, words};

/// How a provider is asked. Of `oidc` the issuer alone; the rest of `oauth2`.
#[derive(Debug, Default, JsonSchema, Serialize)]
#[schemars(rename = "IdentityWay")]
pub struct WayEntry {
    #[schemars(schema_with = "words::identity_kind")]
    kind: &'static str,
    issuer: Option<String>,
    authorize_url: Option<String>,
    token_url: Option<String>,
    userinfo_url: Option<String>,
    emails_url: Option<String>,
    /// What never changes of a person.
    subject_field: Option<String>,
    email_field: Option<String>,
    /// Empty where it is not told.
    verified_field: Option<String>,
    name_field: Option<String>,
}

impl WayEntry {
    /// Of a provider.
    pub fn of(way: &Way) -> Self {
        match way {
            Way::Oidc { issuer } => Self {
                kind: way.kind(),
                issuer: Some(issuer.to_string()),
                ..Self::default()
            },
            Way::Oauth2(plain) => Self {
                kind: way.kind(),
                issuer: None,
                authorize_url: Some(plain.authorize.to_string()),
                token_url: Some(plain.token.to_string()),
                userinfo_url: Some(plain.userinfo.to_string()),
                emails_url: plain.emails.as_ref().map(ToString::to_string),
                subject_field: Some(plain.fields.subject.clone()),
                email_field: Some(plain.fields.email.clone()),
                verified_field: Some(plain.fields.verified.clone()),
                name_field: Some(plain.fields.name.clone()),
            },
        }
    }
}

/// An identity provider to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentity {
    /// Its name in addresses; stays.
    slug: String,
    /// What stands on its button.
    title: String,
    /// `oidc` unless said.
    #[serde(default)]
    #[schemars(schema_with = "words::identity_kind")]
    kind: String,
    client_id: String,
    /// No answer holds it.
    #[serde(default)]
    client_secret: Option<Secret>,
    /// Of `oidc`: its issuer.
    #[serde(default)]
    issuer: String,
    /// Of `oauth2`: where the browser goes.
    #[serde(default)]
    authorize_url: String,
    /// Of `oauth2`: where a code becomes a token.
    #[serde(default)]
    token_url: String,
    /// Of `oauth2`: who it is.
    #[serde(default)]
    userinfo_url: String,
    /// Of `oauth2`: a list of addresses of mail.
    #[serde(default)]
    emails_url: String,
    #[serde(default)]
    subject_field: String,
    #[serde(default)]
    email_field: String,
    #[serde(default)]
    verified_field: String,
    #[serde(default)]
    name_field: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    domains: Vec<String>,
    /// One rule each, as `groups: hub-admins = admin`; nobody becomes an owner by one.
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    trusts_mail: bool,
}

impl NewIdentity {
    /// What it comes to.
    ///
    /// # Errors
    /// The member that is wrong.
    pub fn draft(&self) -> Result<IdentityDraft, AdminError> {
        read(&Typed {
            slug: self.slug.clone(),
            title: self.title.clone(),
            kind: self.kind.clone(),
            issuer: self.issuer.clone(),
            authorize_url: self.authorize_url.clone(),
            token_url: self.token_url.clone(),
            userinfo_url: self.userinfo_url.clone(),
            emails_url: self.emails_url.clone(),
            subject_field: self.subject_field.clone(),
            email_field: self.email_field.clone(),
            verified_field: self.verified_field.clone(),
            name_field: self.name_field.clone(),
            client_id: self.client_id.clone(),
            scopes: self.scopes.join(" "),
            domains: self.domains.join(" "),
            roles: self.roles.join("\n"),
            trusts_mail: self.trusts_mail.to_string(),
        })
    }

    /// The client's secret, where one was sent.
    pub fn secret(&self) -> Option<&SecretText> {
        self.client_secret.as_ref().map(|secret| &secret.0)
    }
}

/// What to change of an identity provider. What is absent stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityChange {
    /// Whether people may sign in by it.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    pub enabled: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    title: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    client_id: Option<String>,
    /// A new one; the old one stays without.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Secret")]
    client_secret: Option<Secret>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    issuer: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    authorize_url: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    token_url: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    userinfo_url: Option<String>,
    /// Empty for none.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    emails_url: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    subject_field: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    email_field: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    verified_field: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    name_field: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<String>")]
    scopes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<String>")]
    domains: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<String>")]
    roles: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    trusts_mail: Option<bool>,
}

impl IdentityChange {
    /// What the provider comes to be.
    ///
    /// # Errors
    /// The member that is wrong.
    pub fn draft(&self, before: &IdentityDraft) -> Result<IdentityDraft, AdminError> {
        let mut typed = Typed::of(before);
        let texts = [
            (&mut typed.title, &self.title),
            (&mut typed.client_id, &self.client_id),
            (&mut typed.issuer, &self.issuer),
            (&mut typed.authorize_url, &self.authorize_url),
            (&mut typed.token_url, &self.token_url),
            (&mut typed.userinfo_url, &self.userinfo_url),
            (&mut typed.emails_url, &self.emails_url),
            (&mut typed.subject_field, &self.subject_field),
            (&mut typed.email_field, &self.email_field),
            (&mut typed.verified_field, &self.verified_field),
            (&mut typed.name_field, &self.name_field),
        ];
        for (text, wanted) in texts {
            if let Some(wanted) = wanted {
                text.clone_from(wanted);
            }
        }
        let lists = [
            (&mut typed.scopes, &self.scopes, " "),
            (&mut typed.domains, &self.domains, " "),
            (&mut typed.roles, &self.roles, "\n"),
        ];
        for (text, wanted, between) in lists {
            if let Some(wanted) = wanted {
                *text = wanted.join(between);
            }
        }
        if let Some(trusts) = self.trusts_mail {
            typed.trusts_mail = trusts.to_string();
        }
        read(&typed)
    }

    /// The client's new secret, where one was sent.
    pub fn secret(&self) -> Option<&SecretText> {
        self.client_secret.as_ref().map(|secret| &secret.0)
    }
}

fn read(typed: &Typed) -> Result<IdentityDraft, AdminError> {
    typed
        .draft()
        .map_err(|(field, problem)| AdminError::from(problem).at(field))
}
