//! The AWS SDK for Rust with its defaults and its typed output.

use crate::peer::{run_jobs, run_sequentially, Job, JobResult};
use aws_credential_types::Credentials;
use aws_sdk_rekognition::config::{BehaviorVersion, Region};
use aws_sdk_rekognition::Client;
use aws_smithy_http_client::Builder;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Runs jobs.
pub fn run(address: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let config = aws_sdk_rekognition::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(Builder::new().build_http())
        .endpoint_url(format!("http://{address}"))
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(
            "AKIDEXAMPLE",
            "secret",
            None,
            None,
            "bench",
        ))
        .build();
    let client = Client::from_conf(config);
    run_jobs(|job| {
        if job.concurrency == 1 {
            run_sequentially(job, |id| {
                runtime.block_on(get(&client, id.to_owned(), job.dir.clone()))
            })
        } else {
            runtime.block_on(run_concurrently(&client, job))
        }
    });
}

async fn run_concurrently(client: &Client, job: &Job) -> JobResult {
    let started = Instant::now();
    let slots = Arc::new(Semaphore::new(job.concurrency));
    let mut tasks = JoinSet::new();
    for i in 0..job.sessions {
        let slot = slots.clone().acquire_owned().await.expect("a slot");
        let client = client.clone();
        let id = job.id(i);
        let dir = job.dir.clone();
        tasks.spawn(async move {
            let good = get(&client, id, dir).await;
            drop(slot);
            good
        });
    }
    let good = tasks.join_all().await;
    JobResult {
        times: vec![started.elapsed().as_secs_f64()],
        lost: good.iter().filter(|good| !**good).count(),
    }
}

async fn get(client: &Client, id: String, dir: Option<String>) -> bool {
    let sent = client
        .get_face_liveness_session_results()
        .session_id(&id)
        .send()
        .await;
    let Ok(results) = sent else {
        return false;
    };
    if let Some(dir) = dir {
        let folder = Path::new(&dir).join(&id);
        std::fs::create_dir_all(&folder).expect("a folder");
        let images = results.reference_image().into_iter();
        for (i, image) in images.chain(results.audit_images()).enumerate() {
            let bytes = image.bytes().map(AsRef::as_ref).unwrap_or_default();
            std::fs::write(folder.join(format!("{i}.jpg")), bytes).expect("a file");
        }
    }
    std::hint::black_box(results.confidence());
    true
}
