//! Runs the fuzz targets on their seeds, and on mutations of them.

use proptest::prelude::RngCore;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::path::Path;

/// Mutations of each seed.
const MUTATIONS: usize = 2_000;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let files = std::fs::read_dir(folder).unwrap();
    let seeds: Vec<_> = files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    assert!(!seeds.is_empty());
    seeds
}

/// Changes, removes or repeats bytes, or inserts a piece of another seed.
fn mutate(input: &mut Vec<u8>, other: &[u8], rng: &mut TestRng) {
    const TOKENS: [&[u8]; 17] = [
        b"{", b"}", b"[", b"]", b"\"", b"\\u", b"\\", b"null", b"1e9", b",", b":", b"\0", b"<",
        b"</", b"/>", b">", b"&#x",
    ];
    let mut below = |n: usize| rng.next_u64() as usize % n.max(1);
    for _ in 0..=below(3) {
        let at = below(input.len() + 1);
        let end = (at + below(9)).min(input.len());
        match below(5) {
            0 => drop(input.drain(at..end)),
            1 => drop(input.splice(at..at, TOKENS[below(TOKENS.len())].iter().copied())),
            2 => {
                let piece = input[at..end].to_vec();
                drop(input.splice(at..at, piece));
            }
            3 => {
                let from = below(other.len() + 1);
                let piece = other[from..(from + below(30)).min(other.len())].to_vec();
                drop(input.splice(at..end, piece));
            }
            _ => {
                let byte = below(256) as u8;
                input[at..end].iter_mut().take(1).for_each(|b| *b = byte);
            }
        }
    }
}

fn run(target: &str, check: fn(&[u8])) {
    let seeds = seeds(target);
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    for (i, seed) in seeds.iter().enumerate() {
        check(seed);
        for _ in 0..MUTATIONS {
            let mut input = seed.clone();
            mutate(&mut input, &seeds[(i + 1) % seeds.len()], &mut rng);
            check(&input);
        }
    }
}

#[test]
fn responses_near_the_seeds_are_parsed_or_refused() {
    run("response", rekognition_fuzz::response);
}

#[test]
fn errors_near_the_seeds_are_read() {
    run("error", rekognition_fuzz::error);
}

#[test]
fn messages_near_the_seeds_are_taken_or_refused() {
    run("message", rekognition_fuzz::message);
}
