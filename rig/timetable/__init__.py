"""When a command is to run by itself, as systemd units and as crontab lines. Pure: what is printed, not what is installed.

rig.timetable.when       When: a time of day on some days of the week
rig.timetable.job        Job: the command line with its folder, environment and user
rig.timetable.systemd    units_of: service, timer, and the service that resumes after a power cut
rig.timetable.crontab    lines_of: the same for cron
"""
