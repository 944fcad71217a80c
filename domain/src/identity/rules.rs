//! Which claim makes which role. Rules are read from the first to the last; the first that fits counts. No rule makes an
//! owner, and where none fits a role stays as it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::InvalidIdentity;
use crate::access::Role;

/// The word of the rule that fits when none before it did.
const OTHERWISE: &str = "otherwise";
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
    role: Role,
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
        let fits = |rule: &&Rule| match &rule.when {
            None => true,
            Some((claim, wanted)) => texts(claim).iter().any(|value| value == wanted),
        };
        self.0.iter().find(fits).map(|rule| rule.role)
    }
}

fn rule(line: &str) -> Option<Rule> {
    // From the end: a value may hold an equals sign, as names of directories do.
    let (when, role) = line.rsplit_once('=')?;
    let role = Role::parse(role.trim()).filter(|role| may_be_granted(*role))?;
    let when = when.trim();
    if when == OTHERWISE {
        return Some(Rule { when: None, role });
    }
    // A claim may be an address with a scheme (`https://example.com/groups`): a space must follow the colon.
    let (claim, value) = when.split_once(": ")?;
    let (claim, value) = (claim.trim(), value.trim());
    let plain = |text: &str| !text.is_empty() && text.len() <= 200 && !text.chars().any(char::is_control);
    (plain(claim) && plain(value)).then(|| Rule {
        when: Some((claim.to_owned(), value.to_owned())),
        role,
    })
}

impl fmt::Display for RoleRules {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, rule) in self.0.iter().enumerate() {
            if number > 0 {
                formatter.write_str("\n")?;
            }
            match &rule.when {
                Some((claim, value)) => write!(formatter, "{claim}: {value} = {}", rule.role.as_str())?,
                None => write!(formatter, "{OTHERWISE} = {}", rule.role.as_str())?,
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
