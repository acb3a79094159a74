"""What runs hullwatch: images, charts, dashboards, and the configuration folder that is the default everywhere."""
