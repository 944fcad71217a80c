//! Which claim makes which role. Rules are read from the first to the last; the first that fits counts. No rule makes an
//! owner, and where none fits a role stays as it is. In the same way rules make roles in projects (`groups: data = member in proj_…`,
//! `otherwise = none in proj_…`): of each project the first rule that fits counts.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::InvalidIdentity;
use crate::{access::Role, id::ProjectId, project::ProjectRole};

/// The word of the rule that fits when none before it did.
const OTHERWISE: &str = "otherwise";
/// Who is taken out of a project.
const NONE: &str = "none";
const MOST: usize = 100;

/// Whether the word of a provider may make somebody this, and take it from them. Never of an owner.
#[must_use]
pub const fn may_be_granted(role: Role) -> bool {
    match role {
        Role::Owner => false,
        Role::Admin | Role::Billing | Role::Auditor | Role::Member => true,
    }
}

/// The rules of one provider, one a line: `groups: hub-admins = admin`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleRules(Vec<Rule>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// The claim and the value that it must have or hold; absent fits always.
    when: Option<(String, String)>,
    makes: Makes,
}

/// What a rule makes somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Makes {
    /// This, in the hub.
    Role(Role),
    /// This in a project; absent: nobody, who is taken out of it.
    InProject(Option<ProjectRole>, ProjectId),
}

impl RoleRules {
    /// Reads rules, one a line. Empty lines are skipped.
    ///
    /// # Errors
    /// [`InvalidIdentity::Rule`] with the first line that is none.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let rules = lines.map(|line| rule(line).ok_or_else(|| InvalidIdentity::Rule(line.chars().take(80).collect())));
        let rules: Vec<Rule> = rules.collect::<Result<_, _>>()?;
        if rules.len() > MOST {
            return Err(InvalidIdentity::Rule(format!("more than {MOST} rules")));
        }
        Ok(Self(rules))
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of claims that are asked for.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter_map(|rule| rule.when.as_ref())
            .map(|(claim, _)| claim.as_str())
    }

    /// The role that fits. `texts` tells what a claim says, one text for each of its values.
    pub fn role(&self, texts: impl Fn(&str) -> Vec<String>) -> Option<Role> {
        self.fitting(texts).find_map(|makes| match makes {
            Makes::Role(role) => Some(role),
            Makes::InProject(..) => None,
        })
    }

    /// The projects that rules speak of and what they make of somebody there; absent: they are taken out.
    pub fn projects(&self, texts: impl Fn(&str) -> Vec<String>) -> Vec<(ProjectId, Option<ProjectRole>)> {
        let mut found: Vec<(ProjectId, Option<ProjectRole>)> = Vec::new();
        for makes in self.fitting(texts) {
            if let Makes::InProject(role, project) = makes
                && found.iter().all(|(known, _)| *known != project)
            {
                found.push((project, role));
            }
        }
        found
    }

    /// What the rules that fit make, in their order.
    fn fitting(&self, texts: impl Fn(&str) -> Vec<String>) -> impl Iterator<Item = Makes> {
        let fits = move |rule: &&Rule| match &rule.when {
            None => true,
            Some((claim, wanted)) => texts(claim).iter().any(|value| value == wanted),
        };
        self.0.iter().filter(fits).map(|rule| rule.makes)
    }
}

/// Reads `member`, `reader in proj_…` or `none in proj_…`.
fn makes(text: &str) -> Option<Makes> {
    let Some((role, project)) = text.split_once(" in ") else {
        return Role::parse(text).filter(|role| may_be_granted(*role)).map(Makes::Role);
    };
    let role = match role.trim() {
        NONE => None,
        word => Some(ProjectRole::parse(word)?),
    };
    Some(Makes::InProject(role, project.trim().parse().ok()?))
}

fn rule(line: &str) -> Option<Rule> {
    // From the end: a value may hold an equals sign, as names of directories do.
    let (when, role) = line.rsplit_once('=')?;
    let makes = makes(role.trim())?;
    let when = when.trim();
    if when == OTHERWISE {
        return Some(Rule { when: None, makes });
    }
    // A claim may be an address with a scheme (`https://example.com/groups`): a space must follow the colon.
    let (claim, value) = when.split_once(": ")?;
    let (claim, value) = (claim.trim(), value.trim());
    let plain = |text: &str| !text.is_empty() && text.len() <= 200 && !text.chars().any(char::is_control);
    (plain(claim) && plain(value)).then(|| Rule {
        when: Some((claim.to_owned(), value.to_owned())),
        makes,
    })
}

impl fmt::Display for RoleRules {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, rule) in self.0.iter().enumerate() {
            if number > 0 {
                formatter.write_str("\n")?;
            }
            match &rule.when {
                Some((claim, value)) => write!(formatter, "{claim}: {value} = ")?,
                None => write!(formatter, "{OTHERWISE} = ")?,
            }
            match rule.makes {
                Makes::Role(role) => formatter.write_str(role.as_str())?,
                Makes::InProject(role, project) => {
                    let role = role.map_or(NONE, ProjectRole::as_str);
                    write!(formatter, "{role} in {project}")?;
                }
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for RoleRules {
    type Error = InvalidIdentity;

    fn try_from(text: String) -> Result<Self, InvalidIdentity> {
        Self::parse(&text)
    }
}

impl From<RoleRules> for String {
    fn from(rules: RoleRules) -> Self {
        rules.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "groups: cn=hub,ou=admins = admin\nhttps://x.y/team: core = admin\notherwise = member";

    fn role(groups: &[&str]) -> Option<Role> {
        let rules = RoleRules::parse(TEXT).unwrap_or_default();
        rules.role(|claim| {
            let values = if claim == "groups" { groups } else { &[] };
            values.iter().map(|value| (*value).to_owned()).collect()
        })
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        assert_eq!(role(&["staff", "cn=hub,ou=admins"]), Some(Role::Admin));
        assert_eq!(role(&["staff"]), Some(Role::Member));
        assert_eq!(RoleRules::default().role(|_| Vec::new()), None);
        assert_eq!(
            RoleRules::parse(TEXT).map(|rules| rules.to_string()).as_deref(),
            Ok(TEXT)
        );
    }

    #[test]
    fn of_each_project_the_first_rule_that_fits_counts() {
        let (data, web) = (ProjectId::from_number(1), ProjectId::from_number(2));
        let text = format!(
            "groups: leads = admin in {data}\ngroups: data = member in {data}\ngroups: data = billing\notherwise = none in {data}\ngroups: web = reader in {web}"
        );
        let rules = RoleRules::parse(&text).unwrap_or_default();
        assert_eq!(rules.to_string(), text);
        let of = |groups: &[&str]| {
            let texts = |_: &str| -> Vec<String> { groups.iter().map(|group| (*group).to_owned()).collect() };
            (rules.projects(texts), rules.role(texts))
        };
        assert_eq!(
            of(&["data"]),
            (vec![(data, Some(ProjectRole::Member))], Some(Role::Billing))
        );
        assert_eq!(of(&["data", "leads"]).0, [(data, Some(ProjectRole::Admin))]);
        assert_eq!(
            of(&["web"]),
            (vec![(data, None), (web, Some(ProjectRole::Reader))], None)
        );
        for wrong in [
            "a: b = owner in proj_1",
            "a: b = member in shared",
            "a: b = billing in proj_0000000000001",
        ] {
            assert!(RoleRules::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_rule_makes_an_owner() {
        for wrong in [
            "groups: x = owner",
            "otherwise = owner",
            "groups: x",
            "groups = admin",
            ": x = admin",
            "groups: = admin",
            "x",
        ] {
            assert!(
                matches!(RoleRules::parse(wrong), Err(InvalidIdentity::Rule(_))),
                "{wrong}"
            );
        }
        for role in Role::ALL {
            let rule = RoleRules::parse(&format!("a: b = {}", role.as_str()));
            assert_eq!(rule.is_ok(), may_be_granted(role));
        }
    }
}
