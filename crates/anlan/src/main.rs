//! The `anlan` binary: one program, one sub-command per task.

mod history;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use anlan_server::features::people;
use anlan_server::platform::backup;
use anlan_server::platform::definitions::Definitions;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

// The system's allocator keeps what many threads have freed: three times the memory, and slower.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Anlan 安澜: IT operations from the fault to the signed report.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Args),
    /// Print the description of the API (OpenAPI 3.1) as JSON.
    Openapi,
    /// Check the audit log's hash chain.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Back an installation on the embedded database up into one verified file, while it runs.
    Backup {
        #[command(flatten)]
        store: serve::Store,
        /// The file to write; must not exist yet.
        target: PathBuf,
    },
    /// Restore a backup into a new data folder.
    Restore {
        #[command(flatten)]
        store: serve::Store,
        /// The file to read.
        source: PathBuf,
    },
    /// Import history.
    #[command(subcommand)]
    Import(history::Import),
    /// Ask what an agreement would have made of history.
    #[command(subcommand)]
    Sla(history::Sla),
    /// Help with accounts from the machine itself.
    #[command(subcommand)]
    User(UserCommand),
    /// Check the definitions: those compiled in and those in the data folder.
    Check(serve::Store),
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Recompute every hash; exit status 1 when an entry was changed, removed or inserted.
    Verify(serve::Store),
}

#[derive(Subcommand)]
enum UserCommand {
    /// Give an account a new one-time password: the way back for an administrator who lost his.
    Reset {
        #[command(flatten)]
        store: serve::Store,
        /// What is typed to sign in.
        login: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("ANLAN_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sea_orm_migration=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(Cli::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("anlan: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => serve::run(args).await,
        Command::Openapi => {
            println!("{}", anlan_server::app::App::openapi().to_pretty_json()?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Audit(AuditCommand::Verify(store)) => verify(&store).await,
        Command::Backup { store, target } => {
            let config = store.config();
            let (manifest, verdict) = backup::backup(&config, &target).await?;
            let bytes: u64 = manifest.files.values().map(|content| content.size).sum();
            println!(
                "{}: {} files, {bytes} bytes, {} audit entries, read back and verified",
                target.display(),
                manifest.files.len(),
                verdict.entries
            );
            println!(
                "{} is not part of it: keep a copy elsewhere",
                config.key.display()
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Restore { store, source } => {
            let config = store.config();
            let verdict = backup::restore(&config, &source).await?;
            println!(
                "{}: restored, {} audit entries verified",
                config.data.display(),
                verdict.entries
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Import(command) => history::import(command).await,
        Command::Sla(command) => history::sla(command).await,
        Command::User(UserCommand::Reset { store, login }) => {
            let app = anlan_server::app::App::open(store.beside("tool")).await?;
            let password = people::recover(&app, &login).await?;
            println!("{login} / {password}  (one time, must be changed)");
            Ok(ExitCode::SUCCESS)
        }
        Command::Check(store) => {
            let definitions = Definitions::load(&store.config().data.join("definitions"))?;
            let (processes, agreements) = (
                definitions.processes().len(),
                definitions.agreements().count(),
            );
            println!(
                "{processes} processes, {agreements} agreements, {} roles: all good",
                definitions.roles.roles.len()
            );
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn verify(store: &serve::Store) -> anyhow::Result<ExitCode> {
    let app = anlan_server::app::App::open(store.beside("tool")).await?;
    let verdict = anlan_server::features::audit::check(app.db.read(), |entries| {
        if entries % 100_000 == 0 {
            eprintln!("{entries} entries");
        }
    })
    .await?;
    println!("{}", serde_json::to_string_pretty(&verdict)?);
    Ok(if verdict.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
