"""The same walls by bubblewrap, where it is installed and works."""

from collections.abc import Iterator

from bot.adapters.sandbox.jail.job import Job, Mount


def command(job: Job) -> list[str]:
    """The arguments that make bubblewrap run the job's command behind walls."""
    args = [job.bwrap, "--unshare-all", "--die-with-parent", "--uid", "1000", "--gid", "1000"]
    args += ["--hostname", "ironclaw", "--proc", "/proc", "--dev", "/dev"]
    # Root's own settings of the kernel stay root's behind bubblewrap's walls: it masks less.
    args += ["--ro-bind", "/proc/sys", "/proc/sys"]
    if job.network:
        args.append("--share-net")
    for mount in job.mounts:
        args += _arguments(mount)
    args += ["--remount-ro", "/", "--chdir", job.cwd, "--", *job.argv]
    return args


def _arguments(mount: Mount) -> Iterator[str]:
    match mount.kind:
        case "ro":
            yield from ("--ro-bind", mount.source, mount.target)
        case "rw":
            yield from ("--bind", mount.source, mount.target)
        case "link":
            yield from ("--symlink", mount.source, mount.target)
        case "dir":
            yield from ("--dir", mount.target)
        case "tmpfs":
            # Without --size the kernel's own limit holds: half of the memory.
            yield from ("--perms", "1777", "--tmpfs", mount.target)
