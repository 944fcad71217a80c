//! Settings that are changed while the hub runs. Each has a name, a default, and one way to write its value.

use serde::{Deserialize, Serialize};

use crate::{
    identity::{Registration, domains},
    money::Amount,
};

/// What the hub is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Calls are metered and their cost is allocated; nobody needs credit.
    #[default]
    Enterprise,
    /// Pre-paid credit; no credit, no call.
    ServiceProvider,
}

impl Mode {
    /// The word in storage and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::ServiceProvider => "service-provider",
        }
    }

    /// The mode that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Enterprise, Self::ServiceProvider]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// [`Mode`].
    Mode,
    /// The credit that a new person gets; zero for none.
    StarterCredit,
    /// The days that it lives.
    StarterDays,
    /// The tokens of answer that a call is admitted for when its request says no limit.
    HoldOutputTokens,
    /// [`Registration`]: who may come without being added.
    Registration,
    /// The domains of mail whose people may register by themselves, with spaces between; empty for all.
    RegistrationDomains,
    /// Whether people may sign in by password: `on` or `off`.
    LocalPasswords,
}

/// A value that a setting cannot have. The sentence says which it can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum InvalidSetting {
    /// There is no such setting.
    #[error(
        "There is no setting `{0}`. There are mode, starter-credit, starter-days, hold-output-tokens, registration, registration-domains and local-passwords."
    )]
    Name(String),
    /// Not a mode.
    #[error("The mode is `enterprise` or `service-provider`.")]
    Mode,
    /// Not an amount.
    #[error("An amount of credit is written like 5 or 0.25, and is not below zero.")]
    Amount,
    /// Not a number of days.
    #[error("A number of days lies between 1 and 36500.")]
    Days,
    /// Not a number of tokens.
    #[error("A number of tokens lies between 1 and 1000000.")]
    Tokens,
    /// Not a way to register.
    #[error("Registration is `open`, `invitation` or `closed`.")]
    Registration,
    /// Not domains.
    #[error("Domains are written like example.com, with spaces between, 50 at the most.")]
    Domains,
    /// Neither on nor off.
    #[error("Local passwords are `on` or `off`.")]
    Switch,
    /// It is no longer what it was when the change was looked at.
    #[error(
        "Somebody has changed this setting in the meantime. Look at its value now, and change it again if you still want to."
    )]
    Changed,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 7] = [
        Self::Mode,
        Self::StarterCredit,
        Self::StarterDays,
        Self::HoldOutputTokens,
        Self::Registration,
        Self::RegistrationDomains,
        Self::LocalPasswords,
    ];
    /// The most days that credit can be given for.
    pub const MOST_DAYS: i64 = 36_500;
    /// The most tokens of answer that a call without a limit is admitted for.
    pub const MOST_TOKENS: u64 = 1_000_000;

    /// Its name in storage and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::StarterCredit => "starter-credit",
            Self::StarterDays => "starter-days",
            Self::HoldOutputTokens => "hold-output-tokens",
            Self::Registration => "registration",
            Self::RegistrationDomains => "registration-domains",
            Self::LocalPasswords => "local-passwords",
        }
    }

    /// Whether whoever keeps money may change it; others are for admins.
    #[must_use]
    pub const fn concerns_money(self) -> bool {
        match self {
            Self::Mode | Self::StarterCredit | Self::StarterDays | Self::HoldOutputTokens => true,
            Self::Registration | Self::RegistrationDomains | Self::LocalPasswords => false,
        }
    }

    /// The setting with this name.
    ///
    /// # Errors
    /// [`InvalidSetting::Name`].
    pub fn parse(text: &str) -> Result<Self, InvalidSetting> {
        let mut all = Self::ALL.into_iter();
        all.find(|setting| setting.as_str() == text)
            .ok_or_else(|| InvalidSetting::Name(text.chars().take(40).collect()))
    }

    /// Its value until somebody sets it.
    #[must_use]
    pub const fn default_value(self) -> &'static str {
        match self {
            Self::Mode => "enterprise",
            Self::StarterCredit => "0.00",
            Self::StarterDays => "90",
            Self::HoldOutputTokens => "2048",
            Self::Registration => Registration::Closed.as_str(),
            Self::RegistrationDomains => "",
            Self::LocalPasswords => "on",
        }
    }

    /// The value as it is stored.
    ///
    /// # Errors
    /// Which values there are.
    pub fn read(self, value: &str) -> Result<String, InvalidSetting> {
        match self {
            Self::Mode => Mode::parse(value)
                .map(|mode| mode.as_str().to_owned())
                .ok_or(InvalidSetting::Mode),
            Self::StarterCredit => value
                .parse::<Amount>()
                .map(|amount| amount.to_string())
                .map_err(|_| InvalidSetting::Amount),
            Self::StarterDays => value
                .parse::<i64>()
                .ok()
                .filter(|days| (1..=Self::MOST_DAYS).contains(days))
                .map(|days| days.to_string())
                .ok_or(InvalidSetting::Days),
            Self::HoldOutputTokens => value
                .parse::<u64>()
                .ok()
                .filter(|tokens| (1..=Self::MOST_TOKENS).contains(tokens))
                .map(|tokens| tokens.to_string())
                .ok_or(InvalidSetting::Tokens),
            Self::Registration => Registration::parse(value)
                .map(|registration| registration.as_str().to_owned())
                .ok_or(InvalidSetting::Registration),
            Self::RegistrationDomains => domains(value)
                .map(|domains| domains.join(" "))
                .ok_or(InvalidSetting::Domains),
            Self::LocalPasswords => match value {
                "on" | "off" => Ok(value.to_owned()),
                _ => Err(InvalidSetting::Switch),
            },
        }
    }
}

impl std::str::FromStr for Setting {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_values_as_they_are_stored() {
        for setting in Setting::ALL {
            let value = setting.default_value();
            assert_eq!(setting.read(value).as_deref(), Ok(value));
            assert_eq!(Setting::parse(setting.as_str()), Ok(setting));
        }
    }

    #[test]
    fn other_values_are_refused() {
        assert_eq!(Setting::Mode.read("free"), Err(InvalidSetting::Mode));
        assert_eq!(Setting::StarterCredit.read("-1"), Err(InvalidSetting::Amount));
        assert_eq!(Setting::StarterCredit.read("5").as_deref(), Ok("5.00"));
        for days in ["0", "36501", "x", "1.5"] {
            assert_eq!(Setting::StarterDays.read(days), Err(InvalidSetting::Days));
        }
        for tokens in ["0", "1000001", "-5", "1e3"] {
            assert_eq!(Setting::HoldOutputTokens.read(tokens), Err(InvalidSetting::Tokens));
        }
        assert_eq!(
            Setting::RegistrationDomains.read("Example.com,example.org").as_deref(),
            Ok("example.com example.org")
        );
        assert_eq!(Setting::RegistrationDomains.read("*.com"), Err(InvalidSetting::Domains));
        assert!(Setting::parse("modes").is_err());
    }
}
