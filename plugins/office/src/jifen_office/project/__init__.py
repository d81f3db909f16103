"""The Django project: settings, routes and the application that a server calls."""
