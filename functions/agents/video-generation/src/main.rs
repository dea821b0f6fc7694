//! The agent as a Lambda function.

fn main() -> Result<(), baton_agent::ServeError> {
    baton_agent::serve(video_generation::VideoGeneration::from_env()?)
}
