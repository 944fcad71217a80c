//! What others have written is named with the words under which they gave it: in the browser, and on the command line.

use tests::hub::{Hub, Kind};

#[tokio::test]
async fn the_licences_of_what_is_linked_are_served_and_printed() {
    let mut hub = Hub::new(Kind::Sqlite).await;
    // Without a database, and without making one.
    let printed = hub.run(&["licenses"], "").await;
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    for named in [
        "\ntokio 1.",
        "\nlibsqlite3-sys ",
        "\nleptos 0.",
        "\nRust's standard library 1.",
    ] {
        assert!(printed.stdout.contains(named), "{named}");
    }
    assert!(printed.stdout.contains("Permission is hereby granted"));
    assert!(!hub.data().join("hub.db").exists(), "no database was made");
    assert_eq!(hub.json(&["licenses"], "").await["text"], printed.stdout.as_str());

    hub.serve().await;
    let (status, served) = hub.get("/licenses.txt").text().await.unwrap();
    assert_eq!((status.as_u16(), served), (200, printed.stdout));
}
