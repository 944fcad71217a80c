//! Who did something, and the page of what it was done to: for the list of changes, its filter, and pages that name either.

use domain::{
    access::Actor,
    audit::ActorFilter,
    id::{AccountId, UserId},
};

use crate::text::Language;

/// What the filter's typed words mean: somebody's address, or part of it, or one of the two actors that have none.
pub fn actor_of_words(typed: &str) -> ActorFilter {
    let typed = typed.to_lowercase();
    let means = |actor: &Actor| {
        Language::ALL
            .into_iter()
            .any(|language| actor_in_words(actor, language) == typed)
    };
    if means(&Actor::CommandLine) {
        ActorFilter::CommandLine
    } else if means(&Actor::System) {
        ActorFilter::System
    } else {
        ActorFilter::Email(typed)
    }
}

/// Who did it.
pub fn actor_in_words(actor: &Actor, language: Language) -> String {
    match actor {
        Actor::User { email, .. } => email.to_string(),
        Actor::CommandLine => language.pick("command line", "命令行").to_owned(),
        Actor::System => language.pick("the hub itself", "系统自身").to_owned(),
    }
}

/// The page of a subject, where it has one, by the prefix of its id.
pub fn page_of_subject(subject: &str) -> Option<String> {
    let page = |prefix: &str, path: &str| subject.starts_with(prefix).then(|| format!("{path}/{subject}"));
    let account = || {
        // An account has the number of its person.
        let account: AccountId = subject.parse().ok()?;
        Some(format!("/users/{}/credits", UserId::from_number(account.number())))
    };
    page("prov_", "/providers")
        .or_else(|| page("user_", "/users"))
        .or_else(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_without_an_address_are_found_by_their_words() {
        assert_eq!(actor_of_words("Command line"), ActorFilter::CommandLine);
        assert_eq!(actor_of_words("命令行"), ActorFilter::CommandLine);
        assert_eq!(actor_of_words("the hub itself"), ActorFilter::System);
        assert_eq!(actor_of_words("Ada@"), ActorFilter::Email("ada@".to_owned()));
    }

    #[test]
    fn only_what_has_a_page_is_linked() {
        assert_eq!(page_of_subject("prov_01").as_deref(), Some("/providers/prov_01"));
        assert_eq!(page_of_subject("cred_01"), None);
        assert_eq!(page_of_subject("hub"), None);
        let (person, account) = (UserId::from_number(7), AccountId::from_number(7));
        let page = format!("/users/{person}/credits");
        assert_eq!(page_of_subject(&account.to_string()), Some(page));
    }
}
