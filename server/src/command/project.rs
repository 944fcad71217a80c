//! `project create`, `project list`, `project pay`, `project archive`, `project member add`, `project member remove`.

use clap::Subcommand;
use domain::{
    access::Admin,
    id::ProjectId,
    name::{Email, Label},
    project::{Project, ProjectRole},
    refusal::Invalid,
};
use gateway::{Gateway, Origin};
use serde_json::json;

use super::{CommandError, Outcome, open, user};
use crate::config::Config;

/// What can be done with projects.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a project that people share.
    Create {
        /// What it is called.
        #[arg(long)]
        name: String,
        /// Whose account pays for it, by their e-mail address.
        #[arg(long, value_name = "EMAIL")]
        payer: String,
    },
    /// List the projects that people share.
    List,
    /// Have another account pay for calls that begin from now on.
    Pay {
        /// The project.
        #[arg(value_name = "NAME|proj_…")]
        project: String,
        /// Whose account, by their e-mail address.
        #[arg(long, value_name = "EMAIL")]
        payer: String,
    },
    /// Make an end of a project: its keys are refused. Its calls stay.
    Archive {
        /// The project.
        #[arg(value_name = "NAME|proj_…")]
        project: String,
    },
    /// Who is in a project.
    #[command(subcommand)]
    Member(Member),
}

/// What can be done with the people of a project.
#[derive(Debug, Subcommand)]
pub enum Member {
    /// Put somebody into a project, or change their role in it.
    Add {
        /// The project.
        #[arg(value_name = "NAME|proj_…")]
        project: String,
        /// Who, by their e-mail address.
        #[arg(long, value_name = "EMAIL")]
        user: String,
        /// What they may do in it: admin, member or reader.
        #[arg(long, value_name = "ROLE", default_value = "member")]
        role: String,
    },
    /// Take somebody out of a project. Their keys in it are refused at once.
    Remove {
        /// The project.
        #[arg(value_name = "NAME|proj_…")]
        project: String,
        /// Who, by their e-mail address.
        #[arg(long, value_name = "EMAIL")]
        user: String,
    },
}

/// The project with this id, or the one that is called so.
pub async fn find(gateway: &Gateway, admin: &Admin, text: &str) -> Result<Project, CommandError> {
    let projects = gateway.projects();
    Ok(match text.parse::<ProjectId>() {
        Ok(id) => projects.get(admin, id).await?,
        Err(_) => projects.find(admin, &text.parse::<Label>()?).await?,
    })
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let (admin, here) = (Admin::command_line(), Origin::default());
    open::existing(config, async |gateway| {
        let projects = gateway.projects();
        match command {
            Command::Create { name, payer } => {
                let name: Label = name.parse()?;
                let payer = user::find(gateway, &admin, &payer.parse::<Email>()?).await?;
                let made = projects.create(&admin, here, &name, payer.id).await?;
                let sentence = format!("Made {}, paid by {}.", made.id, payer.email);
                Ok(told(&made, sentence))
            }
            Command::List => {
                let all = projects.list_all(&admin).await?;
                let rows: Vec<Vec<String>> = all.iter().map(row).collect();
                Ok(Outcome::table(json!(all), &["id", "name", "account", "state"], &rows))
            }
            Command::Pay { project, payer } => {
                let payer = user::find(gateway, &admin, &payer.parse::<Email>()?).await?;
                let keeper = admin.keeper_of(find(gateway, &admin, &project).await?);
                projects.set_payer(&keeper, here, payer.id).await?;
                let now = projects.get(&admin, keeper.project().id).await?;
                Ok(told(
                    &now,
                    format!("{} pays for {} from now on.", payer.email, now.name),
                ))
            }
            Command::Archive { project } => {
                let project = find(gateway, &admin, &project).await?;
                projects.archive(&admin, here, project.id).await?;
                let now = projects.get(&admin, project.id).await?;
                Ok(told(&now, format!("Archived {}.", now.name)))
            }
            Command::Member(Member::Add {
                project,
                user: email,
                role,
            }) => {
                let role = ProjectRole::parse(&role).ok_or(gateway::Error::from(Invalid::Choice))?;
                let person = user::find(gateway, &admin, &email.parse::<Email>()?).await?;
                let project = find(gateway, &admin, &project).await?;
                let keeper = admin.keeper_of(project.clone());
                projects.set_member(&keeper, here, person.id, role).await?;
                Ok(Outcome {
                    json: json!({ "project": project.id, "user": person.id, "role": role }),
                    result: String::new(),
                    sentence: format!("{} is {} in {}.", person.email, role.as_str(), project.name),
                })
            }
            Command::Member(Member::Remove { project, user: email }) => {
                let person = user::find(gateway, &admin, &email.parse::<Email>()?).await?;
                let project = find(gateway, &admin, &project).await?;
                let keeper = admin.keeper_of(project.clone());
                projects.remove_member(&keeper, here, person.id).await?;
                Ok(Outcome {
                    json: json!({ "project": project.id, "user": person.id, "role": null }),
                    result: String::new(),
                    sentence: format!("{} is no longer in {}.", person.email, project.name),
                })
            }
        }
    })
    .await
}

fn told(project: &Project, sentence: String) -> Outcome {
    Outcome {
        json: json!(project),
        result: String::new(),
        sentence,
    }
}

fn row(project: &Project) -> Vec<String> {
    let state = if project.archived_at.is_some() {
        "archived"
    } else {
        "active"
    };
    vec![
        project.id.to_string(),
        project.name.to_string(),
        project.account.to_string(),
        state.to_owned(),
    ]
}
