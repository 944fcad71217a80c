//! How mail is sent, where the configuration says so; it wins over the console then. A server by its address
//! (`HUB_SMTP_URL`), or a folder that each mail is written into (`HUB_MAIL_FOLDER`), for trials and tests.

use domain::mail::{InvalidMail, MailSettings, TypedMail};
use gateway::{FiledMail, MailWay, SecretText};
use percent_encoding::percent_decode_str;

use super::{
    ConfigError, Raw,
    parse::{is_set, refused},
};

const URL: &str = "HUB_SMTP_URL";
const PASSWORD: &str = "HUB_SMTP_PASSWORD";
const FOLDER: &str = "HUB_MAIL_FOLDER";
const FROM: &str = "HUB_MAIL_FROM";
const URL_SHAPE: &str = "smtp://USER:PASSWORD@HOST:PORT (STARTTLS), smtps://… (TLS), or smtp://HOST:PORT?tls=none without a password, with % before signs in user and password";

/// What is said of mail; nothing leaves it to the console.
pub(super) fn from_raw(raw: &Raw) -> Result<Option<FiledMail>, ConfigError> {
    let (url, folder) = (is_set(raw, URL), is_set(raw, FOLDER));
    if url && folder {
        return Err(refused(raw, FOLDER, "unset where HUB_SMTP_URL is set"));
    }
    if is_set(raw, PASSWORD) && !url {
        return Err(refused(raw, PASSWORD, "unset where HUB_SMTP_URL is not set"));
    }
    if is_set(raw, FROM) && !url && !folder {
        return Err(refused(
            raw,
            FROM,
            "unset where neither HUB_SMTP_URL nor HUB_MAIL_FOLDER is set",
        ));
    }
    if !url && !folder {
        return Ok(None);
    }
    let (from, from_name) = sender(raw.get(FROM).0);
    let said_by = raw.get(if url { URL } else { FOLDER }).1.to_string();
    let from_shape = "the sender of mail, such as hub@example.com or Hub <hub@example.com>";
    if folder {
        // Checked by the same rules as the rest, beside a server that nobody asks.
        let typed = TypedMail {
            host: "localhost".to_owned(),
            security: "none".to_owned(),
            from,
            from_name,
            ..TypedMail::default()
        };
        let sender = typed.settings().map_err(|_| refused(raw, FROM, from_shape))?.sender;
        let folder = raw.get(FOLDER).0.into();
        return Ok(Some(FiledMail {
            way: MailWay::Folder { folder, sender },
            said_by,
        }));
    }
    let (typed, password) = server(raw.get(URL).0).ok_or_else(|| refused(raw, URL, URL_SHAPE))?;
    let typed = TypedMail {
        from,
        from_name,
        ..typed
    };
    let settings: MailSettings = typed.settings().map_err(|(field, problem)| match (field, problem) {
        ("from" | "from_name", _) => refused(raw, FROM, from_shape),
        (_, InvalidMail::InTheOpen) => refused(raw, URL, "without a password where there is no TLS"),
        _ => refused(raw, URL, URL_SHAPE),
    })?;
    let separate = is_set(raw, PASSWORD).then(|| raw.get(PASSWORD).0.to_owned());
    let password = separate.or(password).map(SecretText::from);
    if password.is_some() != settings.server.user.is_some() {
        return Err(refused(
            raw,
            URL,
            "with a user where there is a password, and with a password where there is a user",
        ));
    }
    Ok(Some(FiledMail {
        way: MailWay::Server { settings, password },
        said_by,
    }))
}

/// `Name <address>`, or the address alone.
fn sender(text: &str) -> (String, String) {
    match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (address.to_owned(), name.trim().trim_matches('"').to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

/// Host, port, protection and user of an address, and its password.
fn server(url: &str) -> Option<(TypedMail, Option<String>)> {
    let (scheme, rest) = url.split_once("://")?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let security = match (scheme, query) {
        ("smtp", "") => "starttls",
        ("smtps", "") => "tls",
        ("smtp", "tls=none") => "none",
        _ => return None,
    };
    let rest = rest.trim_end_matches('/');
    let (who, place) = rest.rsplit_once('@').map_or(("", rest), |(who, place)| (who, place));
    let (user, password) = who
        .split_once(':')
        .map_or((who, None), |(user, password)| (user, Some(password)));
    let decoded = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .ok()
            .map(std::borrow::Cow::into_owned)
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') && (!host.contains(':') || host.ends_with(']')) => (host, port),
        _ => (place, ""),
    };
    let typed = TypedMail {
        host: host.to_owned(),
        port: port.to_owned(),
        security: security.to_owned(),
        user: decoded(user)?,
        ..TypedMail::default()
    };
    let password = match password {
        Some(password) => Some(decoded(password)?).filter(|password| !password.is_empty()),
        None => None,
    };
    Some((typed, password))
}

#[cfg(test)]
mod tests {
    use domain::mail::MailSecurity;

    use super::*;
    use crate::config::Source;

    fn read(settings: &[(&'static str, &str)]) -> Result<Option<FiledMail>, String> {
        let mut raw = Raw::default();
        for (key, value) in settings {
            raw.set(key, (*value).to_owned(), Source::Environment("TEST"));
        }
        from_raw(&raw).map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_says_all_of_a_server() {
        let found = read(&[
            (URL, "smtps://hub%40example.com:p%3Aass@Mail.Example.com"),
            (FROM, "AIGNE Hub <Hub@example.com>"),
        ]);
        let mail = found.unwrap().unwrap();
        assert!(!format!("{mail:?}").contains("p:ass"));
        let MailWay::Server { settings, password } = mail.way else {
            panic!("a server")
        };
        assert_eq!(
            (settings.server.host.as_str(), settings.server.port),
            ("mail.example.com", 465)
        );
        assert_eq!(settings.server.security, MailSecurity::Tls);
        assert_eq!(settings.server.user.as_deref(), Some("hub@example.com"));
        assert_eq!(password.as_ref().map(SecretText::expose), Some("p:ass"));
        assert_eq!(
            (settings.sender.email.as_str(), settings.sender.name.as_str()),
            ("hub@example.com", "AIGNE Hub")
        );
        let plain = read(&[(URL, "smtp://[::1]:2525?tls=none"), (FROM, "a@b.c")])
            .unwrap()
            .unwrap();
        let MailWay::Server { settings, .. } = plain.way else {
            panic!("a server")
        };
        assert_eq!((settings.server.host.as_str(), settings.server.port), ("::1", 2525));
    }

    #[test]
    fn what_cannot_be_is_named_and_no_password_is_repeated() {
        let cases: [(&[(&'static str, &str)], &str); 9] = [
            (&[(URL, "smtp://u:s3cret@mail.example.com")], FROM),
            (&[(URL, "http://u:s3cret@mail.example.com"), (FROM, "a@b.c")], URL),
            (
                &[(URL, "smtp://u:s3cret@mail.example.com?tls=none"), (FROM, "a@b.c")],
                URL,
            ),
            (&[(URL, "smtp://u@mail.example.com"), (FROM, "a@b.c")], URL),
            (&[(URL, "smtp://u:s3cret@mail.example.com:0"), (FROM, "a@b.c")], URL),
            (&[(URL, "smtp://h"), (FOLDER, "mail"), (FROM, "a@b.c")], FOLDER),
            (&[(PASSWORD, "s3cret")], PASSWORD),
            (&[(FROM, "a@b.c")], FROM),
            (&[(FOLDER, "mail"), (FROM, "Hub\u{7} <a@b.c>")], FROM),
        ];
        for (settings, named) in cases {
            let error = read(settings).err().unwrap_or_default();
            assert!(error.contains(named) && !error.contains("s3cret"), "{named}: {error}");
        }
        assert!(read(&[]).unwrap().is_none());
    }
}
