//! Whoever may not ask any more while they ask: in the playground, where no key tells, and between being let in and being listed.

use domain::{
    access::{Admin, Role},
    call::{CallState, Dialect, Fault},
    id::UserId,
    provider::DisconnectPolicy,
    usage::UsageSource,
};

use super::{
    client::{Hub, Setup, next, stream},
    streams::{ASK, text},
    upstream::{Step, Upstream, chunk, stream_head},
};
use crate::{
    Origin,
    call::{CallRequest, Caller},
};

/// A member of a hub that somebody administers.
async fn person(hub: &Hub) -> UserId {
    let (users, root) = (hub.gateway.users(), Admin::command_line());
    let mut last = None;
    for (email, role) in [("ada@example.com", Role::Owner), ("sam@example.com", Role::Member)] {
        let email = email.parse().unwrap();
        let made = users.create(&root, Origin::default(), &email, role, "a long password");
        last = Some(made.await.unwrap().id);
    }
    last.unwrap()
}

async fn suspend(hub: &Hub, person: UserId) {
    let users = hub.gateway.users();
    users
        .set_suspended(&Admin::command_line(), Origin::default(), person, true)
        .await
        .unwrap();
}

fn asks(hub: &Hub, person: UserId) -> CallRequest {
    CallRequest {
        caller: Caller::of_person(person),
        stream: true,
        ..hub.request(Dialect::OpenaiChat, ASK)
    }
}

#[tokio::test]
async fn whoever_is_suspended_is_told_so_in_the_middle_and_pays_what_came() {
    let upstream = Upstream::start(vec![vec![
        stream_head(),
        chunk(&text("some words")),
        Step::WaitForClose,
    ]])
    .await;
    // Also where a client that leaves would not stop the provider.
    let hub = Hub::with(Setup {
        disconnect: DisconnectPolicy::Drain,
        ..Setup::at(&upstream.base_url)
    })
    .await;
    let sam = person(&hub).await;
    let request = asks(&hub, sam);
    let id = request.id;
    let mut receiver = stream(hub.gateway.call(request).await.unwrap());
    assert!(next(&mut receiver).await.unwrap().contains("some words"));
    suspend(&hub, sam).await;
    let last = next(&mut receiver).await.unwrap();
    assert!(
        last.contains("suspended_user") && last.contains("You are suspended"),
        "{last}"
    );
    assert_eq!(next(&mut receiver).await, None, "and that is the end");
    upstream.closed().await;
    let call = hub.settled(id).await.call;
    assert_eq!(
        (call.state, call.usage_source),
        (CallState::Cancelled, UsageSource::Estimated)
    );
    assert!(call.usage.output_text > 0, "{:?}", call.usage);
    assert_eq!(call.failure.map(|failure| failure.fault), Some(Fault::Key));
}

#[tokio::test]
async fn whoever_was_let_in_a_moment_before_asks_nothing() {
    let upstream = Upstream::start(vec![vec![
        stream_head(),
        chunk(&text("some words")),
        Step::WaitForClose,
    ]])
    .await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let sam = person(&hub).await;
    let request = asks(&hub, sam);
    let id = request.id;
    suspend(&hub, sam).await;
    let refused = hub.gateway.call(request).await.map(drop).unwrap_err();
    assert_eq!((refused.status, &*refused.code), (401, "suspended_user"));
    let call = hub.settled(id).await.call;
    assert_eq!(
        (call.state, call.usage_source),
        (CallState::Cancelled, UsageSource::None)
    );
    assert!(upstream.requests().is_empty());
}
