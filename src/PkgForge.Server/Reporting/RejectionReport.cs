using PkgForge.Registry;

namespace PkgForge.Server.Reporting;

/// <summary>The mail that tells a submitter that a job was rejected, and why.</summary>
internal static class RejectionReport
{
    /// <summary>Renders it.</summary>
    /// <param name="job">As it is registered.</param>
    /// <param name="directory">The name of its directory in <c>incoming</c>, by which the submitter knows it.</param>
    /// <param name="to">Addresses.</param>
    /// <returns>Null when there is no address.</returns>
    public static OutgoingMail? Render(RejectedJob job, string directory, IReadOnlyList<string> to)
    {
        if (to.Count == 0)
            return null;
        var name = MailText.ForHeader(directory);
        var headers = new Dictionary<string, string>
        {
            ["X-PkgForge-Status"] = "invalid",
            ["X-PkgForge-ID"] = $"{job.Id}",
        };
        var body = $"""
            Job:       {name}
            Result:    rejected, nothing was built
            Submitter: {job.Submitter}

            {job.Reason}

            Correct this and submit the job again, under another id if it has one of its own.
            More: pkgforge status {job.Id}

            """;
        return new(to, $"[PkgForge] {name}: rejected", headers, MailText.ForBody(body));
    }
}
