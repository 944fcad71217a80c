//! What others have written is named with the words under which they gave it: in the browser, and on the command line.

use tests::hub::Hub;
use tests::stage::on_both;

#[tokio::test]
async fn the_licences_of_what_is_linked_are_served_and_printed() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
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
        let left: Vec<_> = std::fs::read_dir(hub.data()).unwrap().collect();
        assert!(left.is_empty(), "no database and no key was made: {left:?}");
        assert_eq!(hub.json(&["licenses"], "").await["text"], printed.stdout.as_str());

        hub.serve().await;
        let (status, served) = hub.get("/licenses.txt").text().await.unwrap();
        assert_eq!((status.as_u16(), served), (200, printed.stdout));
    })
    .await;
}
