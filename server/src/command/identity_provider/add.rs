//! `identity-provider add`: the fields of the console's form as flags, read by the same rules.

use clap::Args;
use domain::{access::Admin, identity::Typed};
use gateway::Origin;

use super::told;
use crate::{
    command::{CommandError, Outcome, open, secret_input},
    config::Config,
};

/// What describes it.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Its name in addresses, such as `company`; stays.
    #[arg(long)]
    slug: String,
    /// What stands on its button; the slug when left out.
    #[arg(long)]
    title: Option<String>,
    /// OpenID Connect, or OAuth 2 without discovery.
    #[arg(long, default_value = "oidc", value_parser = ["oidc", "oauth2"])]
    kind: String,
    /// Of oidc: its issuer, or its address of discovery.
    #[arg(long, value_name = "URL", default_value = "")]
    issuer: String,
    /// Of oauth2: where the browser goes.
    #[arg(long, value_name = "URL", default_value = "")]
    authorize_url: String,
    /// Of oauth2: where a code becomes a token.
    #[arg(long, value_name = "URL", default_value = "")]
    token_url: String,
    /// Of oauth2: who it is.
    #[arg(long, value_name = "URL", default_value = "")]
    userinfo_url: String,
    /// Of oauth2: a list of addresses of mail.
    #[arg(long, value_name = "URL", default_value = "")]
    emails_url: String,
    /// Of oauth2: what never changes of a person; `id` when left out.
    #[arg(long, value_name = "NAME", default_value = "")]
    subject_field: String,
    /// Of oauth2: their mail; `email` when left out.
    #[arg(long, value_name = "NAME", default_value = "")]
    email_field: String,
    /// Of oauth2: whether that was verified.
    #[arg(long, value_name = "NAME", default_value = "")]
    verified_field: String,
    /// Of oauth2: what they are called; `name` when left out.
    #[arg(long, value_name = "NAME", default_value = "")]
    name_field: String,
    /// How it knows this hub.
    #[arg(long)]
    client_id: String,
    /// Read the client's secret from standard input.
    #[arg(long)]
    client_secret_stdin: bool,
    /// What it is asked for; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A domain whose people it may bring; may be repeated. All, when left out.
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// Which claim makes which role, like `groups: hub-admins = admin` or `otherwise = member`; may be repeated.
    #[arg(long = "role", value_name = "RULE")]
    roles: Vec<String>,
    /// Its addresses of mail count as verified where it says nothing of that.
    #[arg(long)]
    trusts_mail: bool,
    /// Add it although it does not answer.
    #[arg(long)]
    untested: bool,
}

impl Arguments {
    fn typed(&self) -> Typed {
        Typed {
            slug: self.slug.clone(),
            title: self.title.clone().unwrap_or_else(|| self.slug.clone()),
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
        }
    }
}

/// Asks it whether it answers, then adds it.
pub async fn run(config: &Config, arguments: &Arguments) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    let draft = arguments.typed().draft().map_err(|(field, problem)| {
        let problem = problem.to_string();
        let stop = if problem.ends_with('.') { "" } else { "." };
        CommandError::Argument(format!("--{}: {problem}{stop}", flag(field)))
    })?;
    let secret = match arguments.client_secret_stdin {
        true => Some(secret_input::read(true, "Client secret", "--client-secret-stdin")?),
        false => None,
    };
    open::existing(config, async |gateway| {
        let providers = gateway.identity_providers();
        if !arguments.untested {
            let tested = providers.test(&admin, &draft).await;
            tested.map_err(gateway::Error::from)?;
        }
        providers
            .create(&admin, Origin::default(), &draft, secret.as_ref())
            .await?;
        let made = providers.get(&admin.reader(), draft.slug.as_str()).await?;
        let callback = providers.callback(draft.slug.as_str());
        Ok(Outcome {
            json: made.as_ref().map(told).unwrap_or_default(),
            result: format!("{callback}\n"),
            sentence: format!("Added {}. Tell it to send people back to {callback}.", draft.slug),
        })
    })
    .await
}

/// The flag of a field of the form.
fn flag(field: &str) -> String {
    match field {
        "scopes" | "domains" | "roles" => field.trim_end_matches('s').to_owned(),
        field => field.replace('_', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments() -> Arguments {
        Arguments {
            slug: "company".to_owned(),
            title: None,
            kind: "oidc".to_owned(),
            issuer: "https://login.example.com".to_owned(),
            authorize_url: String::new(),
            token_url: String::new(),
            userinfo_url: String::new(),
            emails_url: String::new(),
            subject_field: String::new(),
            email_field: String::new(),
            verified_field: String::new(),
            name_field: String::new(),
            client_id: "hub".to_owned(),
            client_secret_stdin: false,
            scopes: Vec::new(),
            domains: vec!["example.com".to_owned(), "example.org".to_owned()],
            roles: vec!["groups: hub-admins = admin".to_owned(), "otherwise = member".to_owned()],
            trusts_mail: false,
            untested: false,
        }
    }

    #[test]
    fn flags_are_fields_of_the_form() {
        let draft = arguments().typed().draft().expect("a draft");
        assert_eq!(draft.title.as_str(), "company");
        assert_eq!(draft.domains, ["example.com", "example.org"]);
        assert_eq!(
            draft.rules.to_string(),
            "groups: hub-admins = admin\notherwise = member"
        );
        let wrong = Arguments {
            roles: vec!["otherwise = owner".to_owned()],
            ..arguments()
        };
        let field = wrong.typed().draft().err().map(|(field, _)| flag(field));
        assert_eq!(field.as_deref(), Some("role"));
    }
}
