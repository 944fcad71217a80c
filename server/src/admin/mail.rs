//! `/api/admin/mail`: how mail is sent, and what waits or failed. No answer holds the password. What the configuration says wins, and
//! is changed there. Changing it is for owners: who reads the mail can become anybody.

use axum::{Json, extract::State};
use domain::{
    access::{Admin, Owner, Reader},
    id::MailId,
    mail::{MailRefusal, MailSettings, MailView, Sender, TypedMail},
    name::Email,
};
use gateway::{Error, MailSet};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdminError, At, By, Freely, Given, Listed, Moment, Secret, operation, words};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

/// How mail is sent.
#[derive(Debug, Default, JsonSchema, Serialize)]
#[schemars(rename = "MailSettings")]
pub struct MailEntry {
    /// Who has said it: `nobody`, `console` (which is this API, too) or `configuration`.
    #[schemars(schema_with = "words::mail_source")]
    source: &'static str,
    /// Where in the configuration.
    said_by: Option<String>,
    /// The server that takes it.
    host: Option<String>,
    port: Option<u16>,
    #[schemars(with = "Option<String>")]
    security: Option<&'static str>,
    /// As whom the hub signs in there.
    user: Option<String>,
    /// Whether it has a password for that.
    has_password: bool,
    /// The folder that mail is written into instead.
    folder: Option<String>,
    /// The sender's address.
    #[schemars(with = "Option<String>")]
    from: Option<Email>,
    /// What stands before it.
    from_name: Option<String>,
}

impl MailEntry {
    fn of(set: MailSet) -> Self {
        match set {
            MailSet::Nowhere => Self {
                source: "nobody",
                ..Self::default()
            },
            MailSet::Console { settings, has_password } => Self::by_server(settings, has_password, "console", None),
            MailSet::Configured {
                settings,
                has_password,
                said_by,
            } => Self::by_server(settings, has_password, "configuration", Some(said_by)),
            MailSet::Folder {
                folder,
                sender,
                said_by,
            } => Self {
                source: "configuration",
                said_by: Some(said_by),
                folder: Some(folder),
                ..Self::from(sender)
            },
        }
    }

    fn by_server(settings: MailSettings, has_password: bool, source: &'static str, said_by: Option<String>) -> Self {
        let server = settings.server;
        Self {
            source,
            said_by,
            host: Some(server.host),
            port: Some(server.port),
            security: Some(server.security.as_str()),
            user: server.user,
            has_password,
            ..Self::from(settings.sender)
        }
    }
}

impl From<Sender> for MailEntry {
    fn from(sender: Sender) -> Self {
        Self {
            from: Some(sender.email),
            from_name: Some(sender.name).filter(|name| !name.is_empty()),
            ..Self::default()
        }
    }
}

/// How mail is sent now.
pub async fn show(State(state): State<HubState>, by: By<Reader>) -> Result<Json<MailEntry>, AdminError> {
    Ok(Json(MailEntry::of(state.gateway().mail().shown(&by.proof).await?)))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("How mail is sent")
        .about("Without the password.")
        .tells::<MailEntry>(book)
}

/// How mail is to be sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMail {
    /// The server's name or address.
    host: String,
    /// The usual one of its security unless said.
    #[serde(default)]
    #[schemars(range(min = 1))]
    port: Option<u16>,
    #[schemars(schema_with = "words::mail_security")]
    security: String,
    /// As whom the hub signs in; absent where it need not.
    #[serde(default)]
    user: Option<String>,
    /// Absent: the stored one stays, as long as it goes to the same server, port and user by a way no worse.
    #[serde(default)]
    password: Option<Secret>,
    /// The sender's address.
    from: String,
    /// What stands before it.
    #[serde(default)]
    from_name: Option<String>,
}

impl NewMail {
    fn settings(&self) -> Result<MailSettings, AdminError> {
        let typed = TypedMail {
            host: self.host.clone(),
            port: self.port.map(|port| port.to_string()).unwrap_or_default(),
            security: self.security.clone(),
            user: self.user.clone().unwrap_or_default(),
            from: self.from.clone(),
            from_name: self.from_name.clone().unwrap_or_default(),
        };
        typed
            .settings()
            .map_err(|(field, problem)| AdminError::from(MailRefusal::Invalid(problem)).at(field))
    }
}

/// Says how mail is sent.
pub async fn save(
    State(state): State<HubState>,
    by: Freely<Owner>,
    Given(new): Given<NewMail>,
) -> Result<Json<MailEntry>, AdminError> {
    let (mail, settings) = (state.gateway().mail(), new.settings()?);
    let password = new.password.as_ref().map(|secret| &secret.0);
    mail.save(&by.proof, by.origin(), &settings, password).await?;
    Ok(Json(MailEntry::of(mail.shown(&by.viewer.reader()?).await?)))
}

/// What is said of it.
pub fn save_described(book: &mut Book) -> Operation {
    operation("Say how mail is sent")
        .about("All of it anew, but for the password: `has_password` says whether the stored one has stayed.")
        .takes::<NewMail>(book)
        .example(&serde_json::json!({
            "host": "mail.example.com", "security": "starttls", "user": "hub", "password": "…", "from": "hub@example.com",
        }))
        .tells::<MailEntry>(book)
}

/// To whom a test goes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailTest {
    #[schemars(with = "String")]
    to: Email,
    /// `en` unless said, or `zh-CN`.
    #[serde(default)]
    #[schemars(schema_with = "words::language")]
    language: Option<String>,
}

/// What became of a test.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "MailTested")]
pub struct TestedEntry {
    /// The server has taken it.
    sent: bool,
    /// Why not, and what to do.
    problem: Option<String>,
}

/// Sends a mail now.
pub async fn test(
    State(state): State<HubState>,
    by: By<Admin>,
    Given(test): Given<MailTest>,
) -> Result<Json<TestedEntry>, AdminError> {
    let language = words::read_language(test.language.as_deref())?;
    let sent = state
        .gateway()
        .mail()
        .test(&by.proof, by.origin(), &test.to, language)
        .await;
    match sent {
        Ok(()) => Ok(Json(TestedEntry {
            sent: true,
            problem: None,
        })),
        Err(Error::Mail(MailRefusal::Fault(fault))) => Ok(Json(TestedEntry {
            sent: false,
            problem: Some(fault.to_string()),
        })),
        Err(error) => Err(error.into()),
    }
}

/// What is said of it.
pub fn test_described(book: &mut Book) -> Operation {
    operation("Send a mail to see whether it works")
        .about("A server that refuses is a report and no error.")
        .takes::<MailTest>(book)
        .example(&serde_json::json!({ "to": "you@example.com" }))
        .tells::<TestedEntry>(book)
}

/// A mail that waits, failed, or was sent of late.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "OutgoingMail")]
pub struct OutgoingEntry {
    #[schemars(with = "String")]
    id: MailId,
    #[schemars(schema_with = "words::mail_kind")]
    kind: &'static str,
    #[schemars(schema_with = "words::mail_state")]
    state: &'static str,
    recipient: String,
    /// How often it was tried.
    attempts: i64,
    /// Why it could not be sent the last time.
    problem: Option<String>,
    created_at: Moment,
    /// When it is tried next.
    due_at: Moment,
}

impl From<MailView> for OutgoingEntry {
    fn from(view: MailView) -> Self {
        Self {
            id: view.id,
            kind: view.kind.as_str(),
            state: view.state.as_str(),
            recipient: view.recipient,
            attempts: view.attempts,
            problem: view.problem.map(|problem| problem.to_string()),
            created_at: view.created_at.into(),
            due_at: view.due_at.into(),
        }
    }
}

/// The newest 100 mails.
pub async fn outbox(State(state): State<HubState>, by: By<Reader>) -> Result<Json<Listed<OutgoingEntry>>, AdminError> {
    let all = state.gateway().mail().list(&by.proof).await?;
    Ok(Json(Listed::whole(all.into_iter().map(OutgoingEntry::from).collect())))
}

/// What is said of it.
pub fn outbox_described(book: &mut Book) -> Operation {
    operation("Mail that waits, failed, or was sent of late")
        .about("The newest 100. What a mail says is made when it is sent, and told nowhere.")
        .tells::<Listed<OutgoingEntry>>(book)
}

/// Tries a mail again at once.
pub async fn again(State(state): State<HubState>, by: By<Owner>, At(id): At<MailId>) -> Result<StatusCode, AdminError> {
    state.gateway().mail().again(&by.proof, by.origin(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn again_described(_: &mut Book) -> Operation {
    operation("Try a mail again at once").leads(StatusCode::NO_CONTENT, "It is tried now.")
}

/// Sends no mail any more.
pub async fn forget(State(state): State<HubState>, by: Freely<Owner>) -> Result<StatusCode, AdminError> {
    state.gateway().mail().forget(&by.proof, by.origin()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn forget_described(_: &mut Book) -> Operation {
    operation("Send no mail any more")
        .about("Takes back what the console or this API has said, the password with it.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}
