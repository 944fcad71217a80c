//! The table of who may do what with a key, written out.

use super::*;
use crate::{
    access::Viewer,
    id::{AccountId, KeyId, ProjectId, UserId},
    key::KeyRules,
    project::{Project, ProjectRole},
    time::Timestamp,
};

const SOMEBODY: UserId = UserId::from_number(1);
const ANOTHER: UserId = UserId::from_number(2);

fn standing(hub: Role, role: Option<ProjectRole>, whose: (UserId, Role), personal: bool) -> KeyStanding {
    let viewer = Viewer {
        id: SOMEBODY,
        email: "a@x.y".parse().expect("an address"),
        role: hub,
        key: None,
    };
    let project = Project {
        id: ProjectId::from_number(9),
        name: "p".parse().expect("a name"),
        personal_of: personal.then_some(whose.0),
        account: AccountId::of_person(whose.0),
        created_at: Timestamp(0),
        archived_at: None,
        unpaid_since: None,
    };
    let key = ApiKey {
        id: KeyId::from_number(3),
        name: "k".parse().expect("a name"),
        user_id: whose.0,
        user_email: "b@x.y".parse().expect("an address"),
        project_id: project.id,
        project_name: project.name.clone(),
        hint: String::new(),
        rules: KeyRules::default(),
        made_by: None,
        created_at: Timestamp(0),
        last_used_at: None,
        disabled_at: None,
        revoked_at: None,
    };
    KeyStanding::of(&Standing::of(viewer, project, role), &key, Some(whose.1))
}

/// Every role of the hub, with every role in the key's project and none, towards a key of their own, a member's and an
/// owner's, in a shared project and in a personal one: what they may do, and by whose right.
#[test]
fn the_table_of_keys() {
    use OnKey::{Change, Grant, Limit, Rotate, See};
    use ProjectRole::{Admin, Member, Reader};
    let letters = |standing: KeyStanding| {
        let may = [(See, 's'), (Change, 'c'), (Limit, 'l'), (Rotate, 'r'), (Grant, 'g')];
        let mut told: String = may
            .iter()
            .filter(|(what, _)| standing.may(*what))
            .map(|(_, letter)| letter)
            .collect();
        if standing.may(Change) {
            told.push_str(match (standing.right(), standing.by()) {
                (Right::Owner, Right::Owner) => " owner",
                (Right::Project, Right::Owner) => " project, as owner",
                (Right::Hub, Right::Owner) => " hub, as owner",
                (Right::Project, _) => " project",
                (Right::Hub, _) => " hub",
                (Right::Owner, _) => " nonsense",
            });
        }
        told
    };
    let roles = [None, Some(Reader), Some(Member), Some(Admin)];
    // Of a shared project, by the role in it: none, reader, member, admin.
    let shared = [
        (
            Role::Owner,
            "own",
            [
                "sclg hub, as owner",
                "sclg hub, as owner",
                "sclrg hub, as owner",
                "sclrg hub, as owner",
            ],
        ),
        (
            Role::Admin,
            "own",
            [
                "sclg hub, as owner",
                "sclg hub, as owner",
                "sclrg hub, as owner",
                "sclrg hub, as owner",
            ],
        ),
        (
            Role::Billing,
            "own",
            ["sclg owner", "sclg owner", "sclrg owner", "sclrg project, as owner"],
        ),
        (Role::Auditor, "own", ["s", "s", "s", "s"]),
        (
            Role::Member,
            "own",
            ["scl owner", "scl owner", "sclr owner", "sclr project, as owner"],
        ),
        (Role::Owner, "a member's", ["scl hub"; 4]),
        (Role::Admin, "a member's", ["scl hub"; 4]),
        (Role::Billing, "a member's", ["", "s", "s", "scl project"]),
        (Role::Auditor, "a member's", ["s", "s", "s", "s"]),
        (Role::Member, "a member's", ["", "s", "s", "scl project"]),
        (Role::Owner, "an owner's", ["scl hub"; 4]),
        (Role::Admin, "an owner's", ["s"; 4]),
        (Role::Billing, "an owner's", ["", "s", "s", "s"]),
        (Role::Auditor, "an owner's", ["s"; 4]),
        (Role::Member, "an owner's", ["", "s", "s", "s"]),
    ];
    for (hub, whose, row) in shared {
        let owner = match whose {
            "own" => (SOMEBODY, hub),
            "a member's" => (ANOTHER, Role::Member),
            _ => (ANOTHER, Role::Owner),
        };
        let told = roles.map(|role| letters(standing(hub, role, owner, false)));
        assert_eq!(told, row.map(str::to_owned), "{hub:?}, {whose}");
    }
    // A personal project: its person is its admin, and nobody else is in it.
    for (hub, own, members, owners) in [
        (Role::Owner, "sclrg hub, as owner", "scl hub", "scl hub"),
        (Role::Admin, "sclrg hub, as owner", "scl hub", "s"),
        (Role::Billing, "sclrg owner", "", ""),
        (Role::Auditor, "s", "s", "s"),
        (Role::Member, "sclr owner", "", ""),
    ] {
        assert_eq!(
            letters(standing(hub, Some(Admin), (SOMEBODY, hub), true)),
            own,
            "{hub:?}"
        );
        assert_eq!(
            letters(standing(hub, None, (ANOTHER, Role::Member), true)),
            members,
            "{hub:?}"
        );
        assert_eq!(
            letters(standing(hub, None, (ANOTHER, Role::Owner), true)),
            owners,
            "{hub:?}"
        );
    }
}

/// What is not seen is not there; what is an owner's says so to who could change it otherwise.
#[test]
fn a_refusal_tells_no_more_than_may_be_seen() {
    let refused = |hub, role, whose| standing(hub, role, (ANOTHER, whose), false).has(OnKey::Limit).err();
    let hidden = Some(Refusal::NotFound { what: Thing::Key });
    assert_eq!(refused(Role::Member, None, Role::Owner), hidden);
    assert_eq!(refused(Role::Billing, None, Role::Member), hidden);
    assert_eq!(refused(Role::Auditor, None, Role::Member), Some(Refusal::NotAllowed));
    assert_eq!(
        refused(Role::Member, Some(ProjectRole::Member), Role::Owner),
        Some(Refusal::NotAllowed)
    );
    assert_eq!(
        refused(Role::Member, Some(ProjectRole::Admin), Role::Owner),
        Some(Refusal::OwnersOnly)
    );
    assert_eq!(refused(Role::Admin, None, Role::Owner), Some(Refusal::OwnersOnly));
    assert_eq!(refused(Role::Admin, None, Role::Member), None);
}

#[test]
fn whoever_has_a_shell_sees_a_new_secret() {
    for owner in [Role::Member, Role::Owner] {
        let root = KeyStanding::of_hub(&Admin::command_line(), Some(owner));
        assert!(root.may(OnKey::Change) && root.may(OnKey::Rotate));
        assert_eq!(root.by(), Right::Hub);
    }
    assert!(!KeyStanding::of_hub(&Admin::system(), Some(Role::Member)).may(OnKey::Rotate));
}

#[test]
fn rights_are_read_as_they_are_written_and_fail_closed() {
    for right in [Right::Owner, Right::Project, Right::Hub] {
        assert_eq!(Right::from_number(right.number()), right);
    }
    assert_eq!(Right::from_number(7), Right::Hub);
}
