using PkgForge.Registry;

namespace PkgForge.Server.Reporting;

/// <summary>The words for states, as users, mails and pages see them.</summary>
public static class StateNames
{
    /// <summary>The word for a task's state: <c>needs build</c>, <c>building</c>, <c>success</c>, <c>fail</c>, <c>cancelled</c>.</summary>
    public static string Name(this BuildTaskState state) =>
        state switch
        {
            BuildTaskState.NeedsBuild => "needs build",
            BuildTaskState.Building => "building",
            BuildTaskState.Success => "success",
            BuildTaskState.Fail => "fail",
            _ => "cancelled",
        };
}
