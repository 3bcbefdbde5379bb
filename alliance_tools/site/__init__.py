"""The whole course as plain pages, which any web server, platform or memory stick can carry."""
