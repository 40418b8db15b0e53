use super::*;

/// What `output()` says of a response of this operation.
fn problem(operation: &str, body: &str) -> Option<String> {
    match output(&model()[operation], body.as_bytes()) {
        Ok(_) => None,
        Err(Unreadable::Wrong(reason)) => Some(reason),
        Err(Unreadable::NoMemory) => panic!("no memory"),
    }
}

#[test]
fn other_types_than_the_model_s_are_rejected_and_named() {
    for (operation, body, expected) in [
        (
            "DetectFaces",
            r#"{"FaceDetails":{}}"#,
            "FaceDetails is not a list",
        ),
        (
            "DetectFaces",
            r#"{"FaceDetails":[5]}"#,
            "FaceDetails is not a structure",
        ),
        (
            "DetectFaces",
            r#"{"FaceDetails":[{"Smile":{"Value":"true"}}]}"#,
            "Value is not true or false",
        ),
        (
            "DetectFaces",
            r#"{"FaceDetails":[{"AgeRange":{"Low":1.5}}]}"#,
            "Low is not a whole number",
        ),
        (
            "DetectFaces",
            r#"{"FaceDetails":[{"AgeRange":{"Low":2147483648}}]}"#,
            "Low is outside the range of integers",
        ),
        (
            "DetectFaces",
            r#"{"FaceDetails":[{"AgeRange":{"Low":-2147483648}}]}"#,
            "Low is outside the range of integers",
        ),
        (
            "DescribeCollection",
            r#"{"FaceCount":"1"}"#,
            "FaceCount is not a number",
        ),
        (
            "DescribeCollection",
            r#"{"CreationTimestamp":"2026-11-27"}"#,
            "CreationTimestamp is not a number",
        ),
        (
            "DescribeCollection",
            r#"{"CollectionARN":"a\u0000"}"#,
            "CollectionARN contains a NUL character",
        ),
        (
            "DescribeCollection",
            r#"{"CollectionARN":"\ud800"}"#,
            "CollectionARN contains half a surrogate pair",
        ),
        ("ListTagsForResource", r#"{"Tags":[]}"#, "Tags is not a map"),
        (
            "ListTagsForResource",
            r#"{"Tags":{"a":1}}"#,
            "Tags is not a string",
        ),
        ("DescribeCollection", "[]", "it is not a JSON object"),
        ("DescribeCollection", "", "it is empty"),
    ] {
        assert_eq!(
            problem(operation, body).as_deref(),
            Some(expected),
            "{body}"
        );
    }
}

#[test]
fn absent_null_and_unknown_members_are_allowed() {
    for (operation, body) in [
        ("DescribeCollection", r#"{}"#),
        (
            "DescribeCollection",
            r#"{"FaceCount":9007199254740992,"CreationTimestamp":1.5,"UserCount":null,"New":[{}]}"#,
        ),
        (
            "DetectFaces",
            r#"{"FaceDetails":[null,{"AgeRange":{"Low":1e2}}]}"#,
        ),
        ("ListTagsForResource", r#"{"Tags":{"a":"b","c":null}}"#),
        ("DeleteUser", ""),
        ("DeleteUser", r#"{"New":1}"#),
    ] {
        assert_eq!(problem(operation, body), None, "{body}");
    }
}

#[test]
fn an_error_document_with_status_200_is_no_response() {
    let error = Some("it is an error document".to_owned());
    for body in [
        r#"{"__type":"ThrottlingException"}"#,
        r#"{"message":"Rate exceeded"}"#,
        r#"{"Code":"X","Message":"m"}"#,
        r#"{"__type":"X","FaceCount":1}"#,
        r#"{"message":"m","FaceCount":null}"#,
    ] {
        assert_eq!(problem("DescribeCollection", body), error, "{body}");
        assert_eq!(problem("DeleteUser", body), error, "{body}");
    }
    assert_eq!(
        problem("DescribeCollection", r#"{"FaceCount":1,"Message":"m"}"#),
        None
    );
}
