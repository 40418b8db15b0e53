//! Searches the memory of its process, so it is the only test in it.
#![cfg(target_os = "linux")] // as /proc/self/mem is

use rekognition_core::secret::Secret;
use rekognition_core::settings::keys::Keys;
use rekognition_core::settings::Settings;
use rekognition_peers::{base_settings, client, Environment};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// The test keeps the secret masked: it is in memory in plain only where the package has it.
const MASK: u8 = 0x55;

fn reveal(masked: &[u8]) -> String {
    // The allocator overwrites the start of freed memory, which must not hide the rest.
    let mut text = String::with_capacity(100 + masked.len());
    text.extend(std::iter::repeat_n('x', 100));
    text.extend(masked.iter().map(|b| char::from(b ^ MASK)));
    text
}

/// How often the bytes behind the mask are in this process's memory.
fn found(masked: &[u8]) -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut count = 0;
    let mut buffer = vec![0; 1 << 16];
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let parse = |text| u64::from_str_radix(text, 16).unwrap();
        let (mut at, end) = (parse(from), parse(to));
        // AddressSanitizer's shadow memory, of some terabytes.
        if end - at > 1 << 32 {
            continue;
        }
        while at < end {
            // Some mappings are not readable.
            let wanted = buffer.len().min((end - at) as usize);
            let Ok(length) = memory.read_at(&mut buffer[..wanted], at) else {
                break;
            };
            if length < masked.len() {
                break;
            }
            count += buffer[..length]
                .windows(masked.len())
                .filter(|window| window.iter().zip(masked).all(|(b, m)| b ^ MASK == *m))
                .count();
            at += (length - masked.len() + 1) as u64;
        }
        buffer.fill(0);
    }
    count
}

#[test]
fn a_secret_is_gone_when_its_client_is() {
    let _environment = Environment::with(&[]);
    let mut masked = std::fs::read("/proc/sys/kernel/random/uuid").unwrap();
    masked.truncate(36);
    masked.iter_mut().for_each(|b| *b ^= MASK);
    assert_eq!(found(&masked), 0);
    let made = client(Settings {
        keys: Some(Keys {
            access_key_id: "AKIAEXAMPLE".into(),
            secret_access_key: Secret::new(reveal(&masked)),
            session_token: Some(Secret::new(reveal(&masked))),
            expires: None,
        }),
        proxy: Some(Secret::new(reveal(&masked))),
        ..base_settings()
    });
    assert!(found(&masked) >= 3);
    drop(made);
    assert_eq!(found(&masked), 0);
}
