//! The `anlan` binary: one program, one sub-command per task.

mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

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
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Recompute every hash; exit status 1 when an entry was changed, removed or inserted.
    Verify(serve::Store),
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
    }
}

async fn verify(store: &serve::Store) -> anyhow::Result<ExitCode> {
    let app = anlan_server::app::App::open(store.config()).await?;
    let verdict = anlan_server::platform::audit::verify(app.db.read(), |entries| {
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
