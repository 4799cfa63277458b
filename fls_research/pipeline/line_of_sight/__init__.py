"""Line of sight: each recommendation beside the evidence it stands on, walked back to the data, for the funders."""
