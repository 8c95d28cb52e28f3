using System.Text;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Spool;
using PkgForge.Tests.Jobs;

namespace PkgForge.Tests.Spool;

/// <summary>A real spool in a directory of its own, and a home where a user keeps his sources.</summary>
public sealed class SpoolFixture : IDisposable
{
    public SpoolFixture()
    {
        Root = Directory.CreateTempSubdirectory("pkgforge-test-").FullName;
        foreach (var area in new[] { "incoming", "accepted", "results", "home" })
            Directory.CreateDirectory(Path.Combine(Root, area));
        Spool = SpoolDirectories.Under(Root);
        Me = Accounts.FindUser(Accounts.CurrentUser)!.Name;
    }

    public string Root { get; }

    public string Home => Path.Combine(Root, "home");

    public SpoolDirectories Spool { get; }

    public string Me { get; }

    /// <summary>A job of the user who runs the test, with one source and one more file.</summary>
    public Job Job(string id = "job-1", string content = "content") =>
        SomeJob.With(SomeJob.File("a.dsc", content), SomeJob.File("a.tar.xz", "tar")) with
        {
            Id = JobId.Parse(id),
            Submitter = Me,
        };

    public string[] HomeFiles(string content = "content") =>
        [Write("home/a.dsc", content), Write("home/a.tar.xz", "tar")];

    /// <summary>Puts the job into incoming by the way under test elsewhere.</summary>
    public IncomingJob Submit(Job? job = null)
    {
        job ??= Job();
        var result = Submission.Place(job, HomeFiles(), Spool.Incoming.Path);
        return result.Outcome == SubmissionOutcome.Placed
            ? Spool.Incoming.Find(job.Id.ToString())!
            : throw new InvalidOperationException(result.Message);
    }

    public string Write(string name, string content)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(content));
        return path;
    }

    public string[] Entries(string area) =>
        [.. new DirectoryInfo(Path.Combine(Root, area)).EnumerateFileSystemInfos().Select(entry => entry.Name).Order()];

    public void Dispose() => DirectoryTree.Remove(Root);
}
