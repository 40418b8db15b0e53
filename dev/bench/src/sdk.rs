//! The AWS SDK for Rust with its defaults and its typed output.

use crate::peer::{run_jobs, run_sequentially, Job, JobResult};
use aws_credential_types::Credentials;
use aws_sdk_rekognition::config::{BehaviorVersion, Region};
use aws_sdk_rekognition::primitives::Blob;
use aws_sdk_rekognition::types::Image;
use aws_sdk_rekognition::Client;
use aws_smithy_http_client::Builder;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Runs jobs.
pub fn run(address: &str, image: &str) {
    let image = std::fs::read(image).expect("the image");
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
    run_jobs(|job| match job.kind.as_str() {
        "image" => run_sequentially(job, |_| runtime.block_on(detect(&client, image.clone()))),
        "map" => {
            let calls = files(job).into_iter().map(|file| {
                let client = client.clone();
                async move { detect(&client, std::fs::read(file).expect("a file")).await }
            });
            runtime.block_on(run_concurrently(job, calls))
        }
        _ if job.concurrency == 1 => run_sequentially(job, |id| {
            runtime.block_on(get(client.clone(), id.to_owned(), job.dir.clone()))
        }),
        _ => {
            let calls = (0..job.sessions).map(|i| get(client.clone(), job.id(i), job.dir.clone()));
            runtime.block_on(run_concurrently(job, calls))
        }
    });
}

fn files(job: &Job) -> Vec<PathBuf> {
    let dir = job.dir.as_ref().expect("a folder");
    let entries = std::fs::read_dir(dir).expect("a folder");
    entries.map(|entry| entry.expect("a file").path()).collect()
}

async fn run_concurrently<Call>(job: &Job, calls: impl Iterator<Item = Call>) -> JobResult
where
    Call: Future<Output = bool> + Send + 'static,
{
    let started = Instant::now();
    let slots = Arc::new(Semaphore::new(job.concurrency));
    let mut tasks = JoinSet::new();
    for call in calls {
        let slot = slots.clone().acquire_owned().await.expect("a slot");
        tasks.spawn(async move {
            let good = call.await;
            drop(slot);
            good
        });
    }
    let good = tasks.join_all().await;
    JobResult {
        times: vec![started.elapsed().as_secs_f64()],
        lost: job.sessions - good.iter().filter(|good| **good).count(),
    }
}

async fn detect(client: &Client, bytes: Vec<u8>) -> bool {
    let image = Image::builder().bytes(Blob::new(bytes)).build();
    let sent = client.detect_faces().image(image).send().await;
    sent.is_ok_and(|found| found.face_details().len() == 1)
}

async fn get(client: Client, id: String, dir: Option<String>) -> bool {
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
