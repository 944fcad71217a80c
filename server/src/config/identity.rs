//! Identity providers of the configuration file, `[[identity_provider]]`: the same fields as in the console, each checked by
//! the same rules. A secret stands there as `client_secret`, or better in a file of its own, `client_secret_file`.

use std::path::Path;

use domain::identity::Typed;
use gateway::{FiledProvider, SecretText};

use super::{ConfigError, nearest};

/// The word of the section.
pub const SECTION: &str = "identity_provider";

const FIELDS: [&str; 20] = [
    "slug",
    "title",
    "kind",
    "issuer",
    "authorize_url",
    "token_url",
    "userinfo_url",
    "emails_url",
    "subject_field",
    "email_field",
    "verified_field",
    "name_field",
    "client_id",
    "client_secret",
    "client_secret_file",
    "scopes",
    "domains",
    "roles",
    "trusts_mail",
    "enabled",
];

/// Every provider of the file at `path`.
pub(super) fn providers(value: &toml::Value, path: &Path) -> Result<Vec<FiledProvider>, ConfigError> {
    let tables = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let tables: Option<Vec<&toml::Table>> = tables.iter().map(toml::Value::as_table).collect();
    let Some(tables) = tables.filter(|tables| !tables.is_empty()) else {
        return Err(wrong(
            path,
            "",
            "is written as [[identity_provider]], once for each provider",
        ));
    };
    let mut providers: Vec<FiledProvider> = Vec::new();
    for table in tables {
        let provider = provider(table, path)?;
        if providers.iter().any(|known| known.draft.slug == provider.draft.slug) {
            return Err(wrong(path, "slug", "stands there twice with the same value"));
        }
        providers.push(provider);
    }
    Ok(providers)
}

fn provider(table: &toml::Table, path: &Path) -> Result<FiledProvider, ConfigError> {
    if let Some(unknown) = table.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(ConfigError::UnknownKey {
            path: path.display().to_string(),
            found: format!("{SECTION}.{unknown}"),
            hint: nearest::hint(unknown, FIELDS.iter().map(|field| (*field).to_owned())),
        });
    }
    // Rules stand one a line, everything else with spaces between.
    let text = |field: &'static str| match table.get(field) {
        None => Ok(String::new()),
        Some(toml::Value::String(text)) => Ok(text.clone()),
        Some(toml::Value::Array(list)) => {
            let words: Option<Vec<&str>> = list.iter().map(toml::Value::as_str).collect();
            let between = if field == "roles" { "\n" } else { " " };
            words
                .map(|words| words.join(between))
                .ok_or_else(|| wrong(path, field, "must be a text or a list of texts"))
        }
        Some(_) => Err(wrong(path, field, "must be a text or a list of texts")),
    };
    let flag = |field: &'static str, default| match table.get(field) {
        None => Ok(default),
        Some(value) => value
            .as_bool()
            .ok_or_else(|| wrong(path, field, "must be true or false")),
    };
    let typed = Typed {
        slug: text("slug")?,
        title: text("title")?,
        kind: text("kind")?,
        issuer: text("issuer")?,
        authorize_url: text("authorize_url")?,
        token_url: text("token_url")?,
        userinfo_url: text("userinfo_url")?,
        emails_url: text("emails_url")?,
        subject_field: text("subject_field")?,
        email_field: text("email_field")?,
        verified_field: text("verified_field")?,
        name_field: text("name_field")?,
        client_id: text("client_id")?,
        scopes: text("scopes")?,
        domains: text("domains")?,
        roles: text("roles")?,
        trusts_mail: flag("trusts_mail", false)?.to_string(),
    };
    let draft = typed
        .draft()
        .map_err(|(field, problem)| wrong(path, field, &format!("cannot be used: {problem}")))?;
    Ok(FiledProvider {
        draft,
        secret: secret(&text("client_secret")?, &text("client_secret_file")?, path)?,
        enabled: flag("enabled", true)?,
    })
}

fn secret(written: &str, file: &str, path: &Path) -> Result<Option<SecretText>, ConfigError> {
    let text = match (written.trim(), file.trim()) {
        ("", "") => return Ok(None),
        (written, "") => written.to_owned(),
        ("", file) => {
            // Beside the configuration, wherever the hub was started.
            let place = path.parent().unwrap_or(Path::new(".")).join(file);
            std::fs::read_to_string(&place)
                .map_err(|error| wrong(path, "client_secret_file", &format!("cannot be read: {error}")))?
        }
        _ => {
            return Err(wrong(
                path,
                "client_secret",
                "and client_secret_file exclude each other",
            ));
        }
    };
    let text = text.trim();
    if !(1..=1000).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong(
            path,
            "client_secret",
            "must be 1 to 1000 printable characters without spaces",
        ));
    }
    Ok(Some(SecretText::from(text.to_owned())))
}

fn wrong(path: &Path, field: &str, problem: &str) -> ConfigError {
    ConfigError::IdentityProvider {
        path: path.display().to_string(),
        place: if field.is_empty() {
            SECTION.to_owned()
        } else {
            format!("{SECTION}.{field}")
        },
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<FiledProvider>, String> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        let value = table.get(SECTION).ok_or("no section")?;
        providers(value, Path::new("hub.toml")).map_err(|error| error.to_string())
    }

    const COMPANY: &str = r#"
        [[identity_provider]]
        slug = "company"
        title = "Company"
        issuer = "https://login.example.com"
        client_id = "hub"
        client_secret = "s3cret-of-the-file"
        domains = ["example.com", "example.org"]
        roles = ["groups: hub-admins = admin", "otherwise = member"]
    "#;

    #[test]
    fn a_section_becomes_a_provider_and_its_secret_stays_one() {
        let found = read(COMPANY).unwrap();
        let told = format!("{found:?}");
        assert!(!told.contains("s3cret"), "{told}");
        assert_eq!(found[0].draft.domains, ["example.com", "example.org"]);
        assert_eq!(
            found[0].draft.rules.to_string(),
            "groups: hub-admins = admin\notherwise = member"
        );
        assert_eq!(
            found[0].secret.as_ref().map(SecretText::expose),
            Some("s3cret-of-the-file")
        );
        assert!(found[0].enabled);
    }

    #[test]
    fn what_is_wrong_is_named_and_no_secret_is_repeated() {
        let cases = [
            (
                COMPANY.replace("client_id", "client_ids"),
                "identity_provider.client_ids",
            ),
            (COMPANY.replace("https://", "http://"), "identity_provider.issuer"),
            (COMPANY.replace("= admin\"", "= owner\""), "identity_provider.roles"),
            (
                COMPANY.replace("s3cret-of-the-file", "s3cret of the file"),
                "identity_provider.client_secret",
            ),
            (format!("{COMPANY}{COMPANY}"), "identity_provider.slug"),
            (format!("{COMPANY}\nenabled = 1"), "identity_provider.enabled"),
            (
                format!("{COMPANY}\nclient_secret_file = \"x\""),
                "identity_provider.client_secret",
            ),
            ("identity_provider = \"company\"".to_owned(), "[[identity_provider]]"),
        ];
        for (text, named) in cases {
            let error = read(&text).err().unwrap_or_default();
            assert!(error.contains(named) && !error.contains("s3cret"), "{named}: {error}");
        }
    }
}
