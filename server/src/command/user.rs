//! `user create`, `user invite`, `user set-role`, `user set-time-zone`, `user set-password`, `user list`.

mod invite;

use clap::Subcommand;
use domain::{
    access::{Admin, Role},
    account::User,
    invitation::USUAL_INVITATION_DAYS,
    name::Email,
    refusal::{Refusal, Thing},
};
use gateway::{Gateway, Origin};
use serde_json::json;

use super::{CommandError, Outcome, open, secret_input};
use crate::config::Config;

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a person.
    Create {
        /// How they sign in.
        #[arg(long)]
        email: String,
        /// What they may do. The first admin owns the hub.
        #[arg(long, default_value = "member", value_parser = ["owner", "admin", "billing", "auditor", "member"])]
        role: String,
        /// Read the password from standard input instead of asking.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Ask somebody to come, by a link that works once.
    Invite {
        /// Whom.
        #[arg(long)]
        email: String,
        /// What they may do.
        #[arg(long, default_value = "member", value_parser = ["owner", "admin", "billing", "auditor", "member"])]
        role: String,
        /// For how many days the link works, 1 to 30.
        #[arg(long, default_value_t = USUAL_INVITATION_DAYS)]
        days: i64,
        /// A project that they come into as well: its name or its id.
        #[arg(long)]
        project: Option<String>,
        /// As what.
        #[arg(long, default_value = "member", requires = "project", value_parser = ["admin", "member", "reader"])]
        project_role: String,
        /// The language of the mail.
        #[arg(long, default_value = "en", value_parser = ["en", "zh"])]
        language: String,
    },
    /// Change what a person may do. It acts on their next request.
    SetRole {
        /// Whose.
        #[arg(long)]
        email: String,
        /// What they may do.
        #[arg(long, value_parser = ["owner", "admin", "billing", "auditor", "member"])]
        role: String,
    },
    /// Say in which time zone the days, weeks and months of a person's limits begin, and of what their account pays for.
    SetTimeZone {
        /// Whose.
        #[arg(long)]
        email: String,
        /// Such as Europe/Berlin, Asia/Shanghai or UTC.
        #[arg(long, value_name = "NAME")]
        time_zone: String,
    },
    /// Give a person a new password. Ends their sessions.
    SetPassword {
        /// Whose.
        #[arg(long)]
        email: String,
        /// Read the password from standard input instead of asking.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List everybody.
    List,
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    match command {
        Command::Create {
            email,
            role,
            password_stdin,
        } => {
            let email: Email = email.parse()?;
            let role = Role::parse(&role).unwrap_or(Role::Member);
            let password = secret_input::read(password_stdin, "Password", "--password-stdin")?;
            open::with(config, async |gateway| {
                let user = gateway
                    .users()
                    .create(&admin, Origin::default(), &email, role, password.expose())
                    .await?;
                Ok(Outcome {
                    json: json!(user),
                    result: format!("{}\n", user.id),
                    sentence: format!("Added {} as {}.", user.email, user.role.as_str()),
                })
            })
            .await
        }
        Command::Invite {
            email,
            role,
            days,
            project,
            project_role,
            language,
        } => {
            let project = project.as_deref().map(|project| (project, project_role.as_str()));
            invite::run(config, &email, (&role, days), project, &language).await
        }
        Command::SetRole { email, role } => {
            let email: Email = email.parse()?;
            let role = Role::parse(&role).unwrap_or(Role::Member);
            open::existing(config, async |gateway| {
                let user = find(gateway, &admin, &email).await?;
                gateway
                    .users()
                    .set_role(&admin, Origin::default(), user.id, role)
                    .await?;
                Ok(Outcome {
                    json: json!(User { role, ..user }),
                    result: String::new(),
                    sentence: format!("{email} is {} now.", role.as_str()),
                })
            })
            .await
        }
        Command::SetTimeZone { email, time_zone } => {
            let email: Email = email.parse()?;
            open::existing(config, async |gateway| {
                let user = find(gateway, &admin, &email).await?;
                let users = gateway.users();
                users
                    .set_time_zone(&admin.money(), Origin::default(), user.id, &time_zone)
                    .await?;
                Ok(Outcome {
                    json: json!({ "id": user.id, "email": user.email, "time_zone": time_zone.trim() }),
                    result: String::new(),
                    sentence: format!("Days of {} begin in {} now.", user.email, time_zone.trim()),
                })
            })
            .await
        }
        Command::SetPassword { email, password_stdin } => {
            let email: Email = email.parse()?;
            let password = secret_input::read(password_stdin, "New password", "--password-stdin")?;
            open::existing(config, async |gateway| {
                let user = find(gateway, &admin, &email).await?;
                gateway
                    .users()
                    .set_password(&admin, Origin::default(), user.id, password.expose())
                    .await?;
                Ok(Outcome {
                    json: json!(user),
                    result: String::new(),
                    sentence: format!("{} has a new password; their sessions have ended.", user.email),
                })
            })
            .await
        }
        Command::List => {
            open::existing(config, async |gateway| {
                let users = gateway.users().list(&admin.money_reader()).await?;
                let rows: Vec<Vec<String>> = users.iter().map(row).collect();
                Ok(Outcome::table(json!(users), &["id", "e-mail", "role", "state"], &rows))
            })
            .await
        }
    }
}

fn row(user: &User) -> Vec<String> {
    let state = if user.suspended { "suspended" } else { "active" };
    vec![
        user.id.to_string(),
        user.email.to_string(),
        user.role.as_str().to_owned(),
        state.to_owned(),
    ]
}

/// The person with this address.
pub async fn find(gateway: &Gateway, admin: &Admin, email: &Email) -> Result<User, CommandError> {
    let found = gateway.users().find_by_email(&admin.money_reader(), email).await?;
    found.ok_or_else(|| Refusal::NotFound { what: Thing::User }.into())
}
