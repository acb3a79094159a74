"""What a hull has done, folded from her published alerts and from sightings; her memory keeps none of it.  Pure."""
