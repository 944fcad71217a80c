//! Projects and their keys: who has one, whose credit a call takes, what a key may do, and what ends its power.

#[path = "projects/bounds.rs"]
mod bounds;
#[path = "projects/freely.rs"]
mod freely;
#[path = "projects/keys.rs"]
mod keys;
#[path = "projects/makers.rs"]
mod makers;
#[path = "projects/paying.rs"]
mod paying;
#[path = "projects/people.rs"]
mod people;
#[path = "projects/places.rs"]
mod places;

use domain::{
    access::{Admin, Role, Viewer},
    id::{ProjectId, UserId},
    key::Scope,
    project::{Project, ProjectKeeper, ProjectRole},
    refusal::Refusal,
};
use gateway::{
    Error, Gateway, KeyDraft, NewKey, Origin,
    call::{Caller, KeyProblem},
};

use crate::hub::FROM;

const HERE: Origin<'static> = Origin::at(Some("192.0.2.7"));

/// A person of this role.
async fn person(hub: &Gateway, email: &str, role: Role) -> Viewer {
    let root = Admin::system();
    let made = hub
        .users()
        .create_without_password(&root, HERE, &email.parse().unwrap(), role)
        .await;
    viewer(hub, made.unwrap().id).await
}

async fn viewer(hub: &Gateway, id: UserId) -> Viewer {
    hub.sessions().viewer(id).await.unwrap().unwrap()
}

/// A project of this name, paid by this person, with nobody in it.
async fn project(hub: &Gateway, name: &str, payer: UserId) -> Project {
    let made = hub
        .projects()
        .create(&Admin::system(), HERE, &name.parse().unwrap(), payer)
        .await;
    made.unwrap()
}

fn keeper(project: &Project) -> ProjectKeeper {
    Admin::system().keeper_of(project.clone())
}

async fn join(hub: &Gateway, project: &Project, who: &Viewer, role: ProjectRole) {
    let joined = hub.projects().set_member(&keeper(project), HERE, who.id, role).await;
    joined.unwrap();
}

fn draft(name: &str, project: Option<ProjectId>) -> KeyDraft {
    KeyDraft {
        project,
        ..KeyDraft::named(&name.parse().unwrap())
    }
}

/// A key of somebody in a project.
async fn key_in(hub: &Gateway, project: ProjectId, who: &Viewer) -> NewKey {
    let holder = who.key_holder().unwrap();
    hub.keys()
        .create_with(&holder, HERE, &draft("k", Some(project)))
        .await
        .unwrap()
}

fn enter(hub: &Gateway, key: &NewKey) -> Result<Caller, KeyProblem> {
    hub.authenticate(key.secret.expose(), Scope::Inference, FROM)
}

fn refusal<T: std::fmt::Debug>(done: Result<T, Error>) -> Refusal {
    match done {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("it was not refused: {other:?}"),
    }
}
