//! `limit set`, `limit list`, `limit remove`.

use clap::{Args, Subcommand};
use domain::{
    access::Admin,
    id::{KeyId, LimitId, ProjectId},
    limit::{Limit, Measure, Span, Standing, Subject, Window},
    money::Amount,
    name::{Email, ProviderName},
};
use gateway::{Gateway, LimitDraft, LimitsOf, Origin, call::Figure};
use serde_json::{Value, json};

use super::{CommandError, Outcome, open, price, provider, user};
use crate::config::Config;

/// What can be done with limits.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set a limit, or change how much one allows. Zero refuses everything.
    Set {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        what: What,
        /// The window: minute, hour or day for requests and tokens; day, week, month or total for spend.
        #[arg(long, value_name = "WINDOW")]
        per: Option<String>,
        /// Count back from each moment, instead of from the beginning of the minute, day, month…
        #[arg(long)]
        rolling: bool,
    },
    /// List limits with their state.
    List {
        #[command(flatten)]
        on: On,
    },
    /// Remove a limit.
    Remove {
        /// Its id, as `limit list` prints it.
        id: String,
    },
}

/// What a limit is on.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct On {
    /// An API key, by its id.
    #[arg(long, value_name = "key_…")]
    key: Option<String>,
    /// A project, by its id.
    #[arg(long, value_name = "proj_…")]
    project: Option<String>,
    /// A person, by their e-mail address.
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
    /// A model, by the name that clients use.
    #[arg(long, value_name = "provider/model")]
    model: Option<String>,
    /// A provider, by its name.
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
}

/// What it counts, and how much it allows.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// So many requests.
    #[arg(long, value_name = "COUNT")]
    requests: Option<i64>,
    /// So many tokens of prompts and answers.
    #[arg(long, value_name = "COUNT")]
    tokens: Option<i64>,
    /// So many calls at the same time.
    #[arg(long, value_name = "COUNT")]
    concurrent: Option<i64>,
    /// So much credit.
    #[arg(long, value_name = "AMOUNT")]
    spend: Option<String>,
}

impl What {
    fn read(&self) -> Result<(Measure, i64), CommandError> {
        if let Some(spend) = &self.spend {
            return Ok((Measure::Spend, spend.parse::<Amount>()?.nano()));
        }
        let counts = [
            (Measure::Requests, self.requests),
            (Measure::Tokens, self.tokens),
            (Measure::Concurrent, self.concurrent),
        ];
        let found = counts.into_iter().find_map(|(measure, count)| Some((measure, count?)));
        found.ok_or_else(|| {
            CommandError::Argument("say what is limited: --requests, --tokens, --concurrent or --spend.".to_owned())
        })
    }
}

fn window(measure: Measure, per: Option<&str>, rolling: bool) -> Result<Window, CommandError> {
    let unknown = |text: &str| {
        let sentence = format!("`{text}` is no window. Write --per minute, hour, day, week, month or total.");
        CommandError::Argument(sentence)
    };
    if rolling && (measure == Measure::Concurrent || per == Some("total")) {
        let sentence = "only a minute, an hour, a day, a week or a month can roll. Leave out --rolling.";
        return Err(CommandError::Argument(sentence.to_owned()));
    }
    match (measure, per) {
        (Measure::Concurrent, None) => Ok(Window::Running),
        (Measure::Concurrent, Some(_)) => Err(CommandError::Argument(
            "calls at the same time have no window. Leave out --per.".to_owned(),
        )),
        (_, None) => Err(CommandError::Argument(
            "say per what: --per day, for instance.".to_owned(),
        )),
        (_, Some("total")) => Ok(Window::Ever),
        (_, Some(text)) => {
            let span = Span::parse(text).ok_or_else(|| unknown(text))?;
            Ok(if rolling {
                Window::Rolling(span)
            } else {
                Window::Calendar(span)
            })
        }
    }
}

impl On {
    async fn find(&self, gateway: &Gateway, admin: &Admin) -> Result<Subject, CommandError> {
        Ok(match self {
            Self { key: Some(key), .. } => key.parse::<KeyId>()?.into(),
            Self {
                project: Some(project), ..
            } => project.parse::<ProjectId>()?.into(),
            Self { user: Some(email), .. } => {
                let email: Email = email.parse()?;
                user::find(gateway, admin, &email).await?.id.into()
            }
            Self { model: Some(model), .. } => price::find(gateway, model).await?.id.into(),
            Self {
                provider: Some(name), ..
            } => {
                let name: ProviderName = name.parse()?;
                provider::find(gateway, admin, &name).await?.id.into()
            }
            _ => {
                return Err(CommandError::Argument(
                    "say what the limit is on: --key, for instance.".to_owned(),
                ));
            }
        })
    }
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    match command {
        Command::Set { on, what, per, rolling } => {
            let (measure, most) = what.read()?;
            let window = window(measure, per.as_deref(), rolling)?;
            open::existing(config, async |gateway| {
                let draft = LimitDraft {
                    subject: on.find(gateway, &admin).await?,
                    measure,
                    window,
                    most,
                };
                let limit = gateway.limits().set(&admin, Origin::default(), draft).await?;
                Ok(Outcome {
                    json: written(&limit),
                    result: format!("{}\n", limit.id),
                    sentence: allowed(&limit),
                })
            })
            .await
        }
        Command::List { on } => {
            open::existing(config, async |gateway| {
                let subject = on.find(gateway, &admin).await?;
                Ok(list(&gateway.limits().of_any(&admin.reader(), subject).await?))
            })
            .await
        }
        Command::Remove { id } => {
            let id: LimitId = id.parse()?;
            open::existing(config, async |gateway| {
                let limit = gateway.limits().remove(&admin, Origin::default(), id).await?;
                Ok(Outcome {
                    json: json!({ "id": id, "removed": true }),
                    result: String::new(),
                    sentence: format!("{} has no limit of {} any more.", limit.subject, words(&limit)),
                })
            })
            .await
        }
    }
}

fn list(limits: &LimitsOf) -> Outcome {
    let rows: Vec<Vec<String>> = limits.standings.iter().map(row).collect();
    let json = limits.standings.iter().map(entry).collect();
    Outcome::table(json, &["id", "limit", "most", "used", "reserved", "left"], &rows)
}

/// A limit. Spend is an amount of credits, as everywhere a decimal string.
fn written(limit: &Limit) -> Value {
    let mut entry = json!(limit);
    entry["most"] = json!(Figure::of(limit.measure, limit.most));
    entry
}

/// A limit with its state.
fn entry(standing: &Standing) -> Value {
    let figure = |count| json!(Figure::of(standing.limit.measure, count));
    let mut entry = written(&standing.limit);
    entry["used"] = figure(standing.used);
    entry["reserved"] = figure(standing.reserved);
    entry["remaining"] = figure(standing.remaining());
    entry["resets_at"] = json!(standing.resets_at);
    entry
}

fn row(standing: &Standing) -> Vec<String> {
    let limit = &standing.limit;
    let told = [limit.most, standing.used, standing.reserved, standing.remaining()].map(|count| limit.told(count));
    let mut row = vec![limit.id.to_string(), words(limit)];
    row.extend(told);
    row
}

/// What it allows, as a sentence.
fn allowed(limit: &Limit) -> String {
    let (subject, most, words) = (&limit.subject, limit.told(limit.most), words(limit));
    match limit.measure {
        // `spend per day`: the verb says it already.
        Measure::Spend => format!(
            "{subject} may spend {most} credits {}.",
            words.trim_start_matches("spend ")
        ),
        Measure::Requests | Measure::Tokens | Measure::Concurrent => format!("{subject} may use {most} {words}."),
    }
}

/// What it counts per what, and whether that rolls.
fn words(limit: &Limit) -> String {
    let rolling = if matches!(limit.window, Window::Rolling(_)) {
        ", rolling"
    } else {
        ""
    };
    format!("{}{rolling}", limit.words())
}
