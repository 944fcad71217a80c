//! How a key is described: what is sent to make one, to change one, and to give one another secret.

use domain::{
    id::ProjectId,
    key::{Addresses, Allowed, Expiry, Overlap, Scopes},
    name::Label,
};
use gateway::{KeyDraft, KeyEdit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::admin::{
    AdminError, Moment,
    body::{given, nullable},
    words,
};

/// A key to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is called.
    #[schemars(with = "String")]
    name: Label,
    /// Of which project; the person's own unless said.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
    /// What it may do; `inference` and `usage` unless said.
    #[serde(default)]
    #[schemars(schema_with = "words::scopes")]
    scopes: Option<Scopes>,
    /// Which models it may ask, as `openai/gpt-5` or `anthropic/*`; null or absent: all.
    #[serde(default)]
    #[schemars(length(min = 1))]
    allowed: Option<Vec<String>>,
    /// From where it may be used, as `192.0.2.7` or `10.0.0.0/8`; null or absent: from everywhere.
    #[serde(default)]
    #[schemars(length(min = 1))]
    addresses: Option<Vec<String>>,
    /// Null or absent: never.
    #[serde(default)]
    expires_at: Option<Moment>,
}

impl NewKey {
    /// What it comes to.
    ///
    /// # Errors
    /// The member that is wrong.
    pub fn draft(self) -> Result<KeyDraft, AdminError> {
        let usual = KeyDraft::named(&self.name);
        Ok(KeyDraft {
            project: self.project,
            scopes: self.scopes.unwrap_or(usual.scopes),
            allowed: allowed(self.allowed.as_deref())?,
            addresses: addresses(self.addresses.as_deref())?,
            expiry: expiry(self.expires_at),
            ..usual
        })
    }
}

/// What to change of a key. What is absent stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyChange {
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    name: Option<Label>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(schema_with = "words::scopes")]
    scopes: Option<Scopes>,
    /// Which models it may ask; null: all.
    #[serde(default, deserialize_with = "nullable")]
    #[schemars(with = "Option<Vec<String>>", length(min = 1))]
    allowed: Option<Option<Vec<String>>>,
    /// From where it may be used; null: from everywhere.
    #[serde(default, deserialize_with = "nullable")]
    #[schemars(with = "Option<Vec<String>>", length(min = 1))]
    addresses: Option<Option<Vec<String>>>,
    /// Null: never.
    #[serde(default, deserialize_with = "nullable")]
    #[schemars(with = "Option<Moment>")]
    expires_at: Option<Option<Moment>>,
    /// Whether it is refused until it is enabled again.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    disabled: Option<bool>,
}

impl KeyChange {
    /// What the key is to be.
    ///
    /// # Errors
    /// The member that is wrong.
    pub fn edit(self) -> Result<KeyEdit, AdminError> {
        Ok(KeyEdit {
            name: self.name,
            scopes: self.scopes,
            allowed: self.allowed.map(|list| allowed(list.as_deref())).transpose()?,
            addresses: self.addresses.map(|list| addresses(list.as_deref())).transpose()?,
            expiry: self.expires_at.map(expiry),
            disabled: self.disabled,
            seen: None,
        })
    }
}

/// Another secret.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// How long the old secret goes on; `24h` unless said.
    #[serde(default)]
    #[schemars(schema_with = "words::overlap")]
    overlap: Option<String>,
}

impl Rotation {
    /// How long.
    ///
    /// # Errors
    /// When there is no such choice.
    pub fn overlap(&self) -> Result<Overlap, AdminError> {
        match self.overlap.as_deref() {
            None => Ok(Overlap::default()),
            Some(word) => Overlap::parse(word)
                .ok_or_else(|| AdminError::invalid("overlap", "The old secret goes on for 0, 1h, 24h or 7d.")),
        }
    }
}

/// What a list bounds: only null bounds nothing, so that a list that came out empty opens nothing.
fn allowed(names: Option<&[String]>) -> Result<Allowed, AdminError> {
    let Some(names) = names else {
        return Ok(Allowed::default());
    };
    let allowed =
        Allowed::parse(&names.join("\n")).map_err(|problem| AdminError::invalid("allowed", problem.to_string()))?;
    if allowed.is_everything() {
        return Err(AdminError::invalid(
            "allowed",
            "The list names no model. Name one, or send null for all of them.",
        ));
    }
    Ok(allowed)
}

/// The same of networks.
fn addresses(networks: Option<&[String]>) -> Result<Option<Addresses>, AdminError> {
    let Some(networks) = networks else {
        return Ok(None);
    };
    let addresses = Addresses::parse(&networks.join("\n"))
        .map_err(|problem| AdminError::invalid("addresses", problem.to_string()))?;
    let Some(addresses) = addresses else {
        return Err(AdminError::invalid(
            "addresses",
            "The list names no address. Name one, or send null for everywhere.",
        ));
    };
    Ok(Some(addresses))
}

fn expiry(end: Option<Moment>) -> Expiry {
    end.map_or(Expiry::Never, |at| Expiry::At(at.0))
}
