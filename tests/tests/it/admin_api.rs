//! `/api/admin` over HTTP, as a program with a key that may manage drives it: a company is set up and used by it alone
//! (`admin_api/company.rs`), people and lists (`people.rs`), projects and keys (`projects.rs`), limits (`limits.rs`, `limited.rs`, `tied.rs`),
//! invitations and mail (`mail.rs`), upstreams and identity providers (`upstreams.rs`), money (`money.rs`), settings (`settings.rs`), what is
//! sent that makes no sense (`nonsense.rs`), while calls take all that they may (`busy.rs`), who may (`who.rs`), and who may no more (`withdrawn.rs`, `seen.rs`, `signed_out.rs`). Each answer is held against the OpenAPI document.

#[path = "admin_api/applications.rs"]
mod applications;
#[path = "admin_api/busy.rs"]
mod busy;
#[path = "admin_api/client.rs"]
pub(crate) mod client;
#[path = "admin_api/company.rs"]
mod company;
#[path = "admin_api/keys.rs"]
mod keys;
#[path = "admin_api/limited.rs"]
mod limited;
#[path = "admin_api/limits.rs"]
mod limits;
#[path = "admin_api/mail.rs"]
mod mail;
#[path = "admin_api/money.rs"]
mod money;
#[path = "admin_api/nonsense.rs"]
mod nonsense;
#[path = "admin_api/people.rs"]
mod people;
#[path = "admin_api/projects.rs"]
mod projects;
#[path = "admin_api/seen.rs"]
mod seen;
#[path = "admin_api/settings.rs"]
mod settings;
#[path = "admin_api/signed_out.rs"]
mod signed_out;
#[path = "admin_api/tied.rs"]
mod tied;
#[path = "admin_api/upstreams.rs"]
mod upstreams;
#[path = "admin_api/who.rs"]
mod who;
#[path = "admin_api/withdrawn.rs"]
mod withdrawn;
