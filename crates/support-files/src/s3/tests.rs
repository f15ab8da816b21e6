use super::S3;
use crate::{ObjectFiles, OpenError};

fn desk() -> S3 {
    S3::new("files", "eu-central-1").credentials("desk", "a-secret-of-our-own")
}

fn refused(settings: S3) -> String {
    ObjectFiles::s3(settings).expect_err("it must not be opened").to_string()
}

#[test]
fn secrets_that_everybody_knows_are_refused() {
    for (access, secret) in [
        ("minioadmin", "minioadmin"),
        ("admin", "adminpass123"),
        ("desk", "MinioAdmin"),
        ("desk", "password"),
        ("some-name", "some-name"),
    ] {
        let settings = desk().credentials(access, secret);
        assert!(matches!(ObjectFiles::s3(settings.clone()), Err(OpenError::DefaultSecret)), "{access}");
        ObjectFiles::s3(settings.development()).expect("nothing is kept there");
    }
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    for endpoint in
        ["http://127.0.0.1:9000", "http://localhost:9000/", "http://[::1]:9000", "https://files.example.org"]
    {
        ObjectFiles::s3(desk().endpoint(endpoint).public_endpoint(endpoint)).expect(endpoint);
    }
    for endpoint in ["http://files.example.org", "http://10.0.0.1:9000", "http://localhost.example.org"] {
        for settings in [desk().endpoint(endpoint), desk().public_endpoint(endpoint)] {
            let refused = ObjectFiles::s3(settings.clone());
            assert!(matches!(refused, Err(OpenError::PlainHttp { .. })), "{endpoint}");
            ObjectFiles::s3(settings.plain_http()).expect("it was told");
        }
    }
}

#[test]
fn what_makes_no_sense_is_told_by_its_name() {
    let cases = [
        (S3::new("", "r").credentials("a", "a-secret"), "the bucket is missing"),
        (S3::new("b", " ").credentials("a", "a-secret"), "the region is missing"),
        (S3::new("b", "r"), "the access key is missing"),
        (S3::new("b", "r").credentials("a", ""), "the secret key is missing"),
        (desk().endpoint("files.example.org"), "the endpoint is no URL"),
        (desk().endpoint("ftp://files.example.org"), "the endpoint is neither https nor http"),
        (desk().endpoint("https://a:b@files.example.org"), "the endpoint has a name or a password in it"),
        (desk().public_endpoint("https://files.example.org/?a=b"), "the public endpoint goes on behind its path"),
    ];
    for (settings, words) in cases {
        let sentence = refused(settings);
        assert!(sentence.starts_with(words), "{sentence}");
    }
}

#[test]
fn nothing_that_is_printed_has_the_secret() {
    let settings = desk();
    let files = ObjectFiles::s3(settings.clone()).expect("it is fine");
    for printed in [format!("{settings:?}"), format!("{files:?}")] {
        assert!(!printed.contains("a-secret-of-our-own"), "{printed}");
    }
}
