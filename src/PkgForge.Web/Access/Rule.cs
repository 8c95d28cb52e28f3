namespace PkgForge.Web.Access;

/// <summary>Who may make a request. Every route has one; a route without is refused to everybody.</summary>
internal enum Rule
{
    /// <summary>Anybody: what is needed to log in, and what is no secret.</summary>
    Open,

    /// <summary>Whoever may look at the farm.</summary>
    Look,

    /// <summary>Whoever may change something; which job it is decides further (<see cref="Visitor.MayChange(PkgForge.Registry.JobSummary)"/>).</summary>
    Change,

    /// <summary>
    /// Whoever has logged in with a browser: what is an account's own. A token is not enough: who has stolen one would make himself others.
    /// </summary>
    Own,

    /// <summary>Admins.</summary>
    Admin,

    /// <summary>Builders' machines, which prove themselves in their own way.</summary>
    Builder,
}
