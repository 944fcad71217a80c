//! What a key may do. Each route for machines wants one of these.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Call models, and see which there are.
    Inference,
    /// Read what the key used, what credit there is, and its own calls.
    Usage,
    /// Do what its owner may do in the console, by HTTP.
    Manage,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Inference, Self::Usage, Self::Manage];

    /// The word in storage, on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inference => "inference",
            Self::Usage => "usage",
            Self::Manage => "manage",
        }
    }

    /// The scope that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Inference => 1,
            Self::Usage => 2,
            Self::Manage => 4,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// All that a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct Scopes(u8);

impl Default for Scopes {
    /// Calls, and what they came to.
    fn default() -> Self {
        [Scope::Inference, Scope::Usage].into_iter().collect()
    }
}

impl Scopes {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// What storage holds: words with commas between them. A word that nobody knows allows nothing.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        text.split(',').filter_map(Scope::parse).collect()
    }

    /// Whether this is among them.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl From<Vec<Scope>> for Scopes {
    fn from(scopes: Vec<Scope>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.iter().collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, scope) in self.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(formatter, "{comma}{scope}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_is_read_as_it_is_written() {
        for bits in 0..8 {
            let scopes = Scopes(bits);
            assert_eq!(Scopes::stored(&scopes.to_string()), scopes);
            assert_eq!(scopes.iter().count(), bits.count_ones() as usize);
        }
        assert_eq!(Scopes::stored("usage,everything"), [Scope::Usage].into_iter().collect());
        assert!(Scopes::stored("").is_empty());
        assert_eq!(Scopes::default().to_string(), "inference,usage");
    }
}
