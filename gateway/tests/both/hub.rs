//! A hub over a fresh database of either kind.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::access::{Admin, Role};
use gateway::{Gateway, LedgerOrder, MasterKey, OpenError, ProcessKind, Settings, clock::Clock};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tokio::sync::OnceCell;

/// From where keys are used.
pub(crate) const FROM: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// A database that nobody else uses. It goes with the folder, or with the throwaway server.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) master_key: MasterKey,
    pub(crate) clock: Clock,
    pub(crate) ledger: LedgerOrder,
    /// By which way the hub reaches it, when not by `url`.
    pub(crate) way: Option<String>,
    pub(crate) outage: Duration,
    /// What an owner of the ledger keeps in memory.
    pub(crate) accounts_in_memory: usize,
    pub(crate) keeps_after: u32,
    /// Connections on which nothing is heard for so long are given up.
    pub(crate) silence: Duration,
    _folder: tempfile::TempDir,
}

impl Database {
    /// Where nothing is yet, not even a file.
    pub(crate) fn no_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::new(format!("sqlite://{}", folder.path().join("hub.db").display()), folder)
    }

    /// Tables with nothing in them. Migrations run once a process, as they take longer than most tests.
    pub(crate) fn sqlite() -> Self {
        static MIGRATED: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let made = std::thread::spawn(|| {
                let database = Database::no_file();
                let runtime = tokio::runtime::Runtime::new().unwrap();
                runtime.block_on(database.migrate());
                // The thread of a connection that was closed may end a moment later, and leave that to us.
                let moved = runtime.block_on(database.numbers("PRAGMA wal_checkpoint(TRUNCATE)"));
                assert_eq!(moved, [0], "all of it is in the file");
                std::fs::read(database.path()).unwrap()
            });
            made.join().unwrap()
        });
        let database = Self::no_file();
        std::fs::write(database.path(), &*MIGRATED).unwrap();
        std::fs::set_permissions(database.path(), Permissions::from_mode(0o600)).unwrap();
        database
    }

    /// The same on PostgreSQL.
    pub(crate) async fn postgres() -> Self {
        static MIGRATED: OnceCell<String> = OnceCell::const_new();
        let migrated = MIGRATED.get_or_init(async || {
            let database = Self::postgres_like("template1").await;
            database.migrate().await;
            let name = database.url.rsplit_once('/').unwrap().1;
            name.split('?').next().unwrap().to_owned()
        });
        Self::postgres_like(migrated.await).await
    }

    async fn migrate(&self) {
        let settings = self.settings(ProcessKind::Command);
        assert!(Gateway::migrate(&settings).await.unwrap(), "it was empty");
    }

    /// A new database like the one of this name, which nobody may be connected to.
    async fn postgres_like(template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("HUB_TEST_POSTGRES_URL")
            .expect("HUB_TEST_POSTGRES_URL names no PostgreSQL server; run `make test`, which starts one");
        let name = format!("hub_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&server).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "CREATE DATABASE {name} TEMPLATE {template}"
        )))
        .execute(&mut connection)
        .await
        .unwrap();
        let (base, options) = server
            .split_once('?')
            .map_or((server.as_str(), None), |(base, options)| (base, Some(options)));
        let base = base.rsplit_once('/').unwrap().0;
        let url = options.map_or_else(
            || format!("{base}/{name}"),
            |options| format!("{base}/{name}?{options}"),
        );
        Self::new(url, tempfile::tempdir().unwrap())
    }

    /// On PostgreSQL, where one server owns the ledger.
    pub(crate) async fn postgres_owned() -> Self {
        Self {
            ledger: LedgerOrder::Owned,
            ..Self::postgres().await
        }
    }

    /// Where its file is.
    fn path(&self) -> &str {
        self.url.trim_start_matches("sqlite://")
    }

    fn new(url: String, folder: tempfile::TempDir) -> Self {
        Self {
            url,
            master_key: MasterKey::generate().unwrap(),
            clock: Clock::System,
            ledger: LedgerOrder::Shared,
            way: None,
            outage: Duration::from_secs(30),
            accounts_in_memory: 1_000,
            keeps_after: 6,
            silence: Duration::from_secs(10),
            _folder: folder,
        }
    }

    /// A copy of the file of this one, made beside whoever writes it.
    pub(crate) async fn copied(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.db").display().to_string();
        self.execute(&format!("VACUUM INTO '{path}'")).await;
        Self {
            master_key: self.master_key.clone(),
            clock: self.clock.clone(),
            ..Self::new(format!("sqlite://{path}"), folder)
        }
    }

    /// Runs statements, past the hub.
    pub(crate) async fn execute(&self, statements: &str) {
        let statements = sqlx::AssertSqlSafe(statements.to_owned());
        if self.url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        }
    }

    /// Takes keys of the hub away, as somebody with the database's own password would.
    pub(crate) async fn take_keys(&self, which: &str) {
        let on = if self.url.starts_with("sqlite") {
            ""
        } else {
            " ON hub_key"
        };
        self.execute(&format!(
            "DROP TRIGGER hub_key_stays{on}; DELETE FROM hub_key WHERE {which}"
        ))
        .await;
    }

    /// Whether the database takes none of these statements.
    pub(crate) async fn refuses(&self, statements: &str) -> bool {
        let statements = sqlx::AssertSqlSafe(format!("BEGIN; {statements}; COMMIT"));
        if self.url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.is_err()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.is_err()
        }
    }

    /// The one column of a query, past the hub.
    pub(crate) async fn numbers(&self, query: &str) -> Vec<i64> {
        let query = sqlx::AssertSqlSafe(query.to_owned());
        let rows: Vec<(i64,)> = if self.url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_as(query).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_as(query).fetch_all(&mut connection).await.unwrap()
        };
        rows.into_iter().map(|(number,)| number).collect()
    }

    pub(crate) fn settings(&self, process_kind: ProcessKind) -> Settings {
        Settings {
            database_url: self.way.as_ref().unwrap_or(&self.url).clone(),
            master_key: self.master_key.clone(),
            public_url: "https://hub.example".to_owned(),
            process_kind,
            sqlite_synchronous_full: true,
            postgres_connections: 4,
            silence: self.silence,
            ledger: self.ledger,
            accounts_in_memory: self.accounts_in_memory,
            keeps_after: self.keeps_after,
            outage: self.outage,
            fetch_allow: Vec::new(),
            identity_providers: Vec::new(),
            mail: None,
            clock: self.clock.clone(),
        }
    }

    pub(crate) async fn open(&self, process_kind: ProcessKind) -> Result<Gateway, OpenError> {
        Gateway::open(self.settings(process_kind)).await
    }

    pub(crate) async fn serve(&self) -> Gateway {
        self.open(ProcessKind::Serve).await.unwrap()
    }
}

/// Runs a test on both kinds of database.
pub(crate) async fn on_both<T: AsyncFn(Database)>(test: T) {
    test(Database::sqlite()).await;
    test(Database::postgres().await).await;
}

/// The same on databases without tables: for what migrations do.
pub(crate) async fn on_both_empty<T: AsyncFn(Database)>(test: T) {
    test(Database::no_file()).await;
    test(Database::postgres_like("template1").await).await;
}

/// As [`on_both`], and where one server owns the ledger on PostgreSQL.
pub(crate) async fn in_all_ways<T: AsyncFn(Database)>(test: T) {
    test(Database::sqlite()).await;
    test(Database::postgres().await).await;
    test(Database::postgres_owned().await).await;
}

pub(crate) async fn admin(hub: &Gateway, email: &str) -> domain::access::Viewer {
    let root = Admin::system();
    let user = hub
        .users()
        .create(
            &root,
            gateway::Origin::default(),
            &email.parse().unwrap(),
            Role::Admin,
            "a long password",
        )
        .await
        .unwrap();
    hub.sessions().viewer(user.id).await.unwrap().unwrap()
}

/// Waits until something that another process caused is seen here: the hub promises a second.
pub(crate) async fn within_a_second(mut seen: impl FnMut() -> bool) {
    for _ in 0..100 {
        if seen() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not seen within a second");
}
